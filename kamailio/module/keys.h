/*
 * im_sidecar: the link's memory of action keys: requests of ours and their answers
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_KEYS_H
#define IM_KEYS_H

#include <stdint.h>
#include "store.h"
#include "table.h"
#include "timers.h"
#include "wire.h"

#define IM_KEY_MAX 512 /* bytes of an action key */
#define IM_FORKS_MAX 32

typedef enum im_key_state
{
	IM_KEY_NEW = 0,
	IM_KEY_WAITING, /* for its window */
	IM_KEY_SENT,
	IM_KEY_ENDED
} im_key_state_t;

/* Our ACK for one 2xx, to be sent again for each copy of that 2xx. */
typedef struct im_ack
{
	im_slice_t uri;
	im_slice_t next_hop;
	im_slice_t headers; /* as text */
	im_slice_t body;
	char *block;
} im_ack_t;

/* One of the dialogs that an INVITE has made. */
typedef struct im_fork
{
	struct im_fork *next;
	im_slice_t to_tag;
	im_ack_t *ack; /* NULL until the sidecar acknowledges */
	char *block;
} im_fork_t;

typedef struct im_key
{
	im_entry_t by_name;
	im_entry_t by_number;
	im_entry_t by_dialog; /* INVITE, or its reading is told */
	struct im_key *prev;  /* in a list of its state */
	struct im_key *next;
	im_timer_t timer;
	im_key_state_t state;
	int64_t ended_at;
	int by_told;	 /* forgotten when its end is confirmed; else by time */
	im_told_t told;	 /* by the event that told its end */
	int holder;		 /* index of the node that has asked last */
	uint64_t number; /* what tm's callbacks know it by */
	unsigned index;	 /* of the transaction in tm's table */
	unsigned label;

	im_slice_t name;
	im_slice_t method;
	im_slice_t uri;
	im_slice_t next_hop;
	im_slice_t from;
	im_slice_t from_tag;
	im_slice_t to;
	im_slice_t to_tag;
	im_slice_t call_id;
	unsigned cseq;
	unsigned timeout_ms;
	int invite;
	int direct;	  /* past the core socket */
	int filtered; /* counted in the filter of INVITEs */
	char *names;  /* block of the slices above */

	im_slice_t headers; /* as text; gone once sent */
	im_slice_t body;
	char *content;

	im_timer_t grace; /* read: its bytes are free without an answer */
	int window;		  /* -1: none */
	long window_bytes;

	im_slice_t latest; /* encoded Response */
	char *latest_block;
	im_fork_t *forks;
	int fork_count;
	char *dialog_key;
} im_key_t;

int im_keys_init(int max, int memory_ms);

im_key_t *im_key_find(im_slice_t name);
im_key_t *im_key_find_number(uint64_t number);
im_key_t *im_key_find_dialog(const im_dialog_ids_t *dialog);

/* Copies the names of an Originate; NULL when there are too many keys alive or
 * memory is out. */
im_key_t *im_key_new(const im_action_t *originate);

/* The key can be found by the dialog of its INVITE. */
int im_key_list_dialog(im_key_t *key);

/* Ended: remembered until the sidecar has confirmed that event, for then it
 * will not ask again; with NULL, and an INVITE for its late forks, for a while
 * from now. */
void im_key_end(im_key_t *key, im_stored_t *told);

int im_key_keep_latest(im_key_t *key, im_slice_t response);
void im_key_free_content(im_key_t *key);

im_fork_t *im_key_fork(im_key_t *key, im_slice_t to_tag);
im_fork_t *im_key_add_fork(im_key_t *key, im_slice_t to_tag);
void im_key_free_forks(im_key_t *key);
/* Copies the ACK; -1: out of memory. */
int im_fork_keep_ack(im_fork_t *fork, const im_action_t *ack);

/* Forgets what ended long ago, if the sidecar has been there since long ago too;
 * forgotten runs before a key is freed. */
void im_keys_sweep(int64_t now, int64_t since);
void im_keys_on_forget(void (*forgotten)(im_key_t *key));

int im_keys_count(void);

#endif
