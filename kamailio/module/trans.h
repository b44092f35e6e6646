/*
 * im_sidecar: the link's memory of transactions it holds or has held
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_TRANS_H
#define IM_TRANS_H

#include <stdint.h>
#include "event.h"
#include "store.h"
#include "table.h"
#include "timers.h"

struct cell;

typedef enum im_trans_state
{
	IM_PENDING = 1, /* handed up, no final reply yet */
	IM_ACCEPTED,	/* 2xx to INVITE sent, waits for ACK */
	IM_ENDED,		/* remembered for a while */
	IM_TOLD			/* remembered until its end is confirmed */
} im_trans_state_t;

/* What came of the reply with that ordinal. */
typedef struct im_outcome
{
	unsigned ordinal;
	unsigned code;
	int sent;
} im_outcome_t;

/* Our final answer, for the request that comes again when tm has forgotten it:
 * a 2xx to an INVITE, anything to other requests that came over UDP. */
typedef struct im_answer
{
	unsigned code;
	int record_route;
	im_slice_t reason;
	im_slice_t headers; /* as text */
	im_slice_t body;
	char *block;
} im_answer_t;

typedef struct im_trans
{
	im_entry_t by_id;
	im_entry_t by_dialog;
	struct im_trans *prev; /* in the list of its state */
	struct im_trans *next;
	im_timer_t timer; /* of the state */
	im_trans_state_t state;
	unsigned code; /* final code once not pending; 0: handed back */
	int invite;
	int udp;
	int size; /* of the request */
	int acked;
	int final_sent; /* of the sidecar, not of tm or the link */
	int cancelled;	/* told */
	int64_t ended_at;
	im_told_t told; /* by the event that told its end */
	int slot;		/* of the aggregate it is for */
	int slot_known; /* else it is a guess */
	unsigned guess; /* what that of the next one is guessed by */
	int holder;		/* index of the node that has it, or has answered; -1 */
	unsigned redirects;
	unsigned index;
	unsigned label;
	unsigned fr_timeout;
	unsigned fr_inv_timeout;
	struct cell *cell;		/* our reference while accepted */
	im_dialog_ids_t dialog; /* to_tag: ours */
	im_slice_t uri;			/* of an INVITE */
	im_slice_t
			request; /* encoded, while pending, where there are several nodes */
	im_outcome_t *outcomes;
	int outcome_count;
	im_answer_t *answer;
	char id[48];
	char original[48]; /* id of the INVITE that this one repeats */
	char *block;
	char *dialog_key;
} im_trans_t;

int im_trans_init(int max, int memory_ms);

im_trans_t *im_trans_find(im_slice_t id);

/* An INVITE with these Call-ID, From tag and CSeq; with a To tag (not empty)
 * that one only. accepted: only one whose 2xx we keep. */
im_trans_t *im_trans_find_dialog(const im_dialog_ids_t *dialog, int accepted);

/* The request that this one repeats, if its answer is kept. */
im_trans_t *im_trans_find_answered(const im_event_t *request);

/* A new pending transaction; forgets the oldest ended one when there are too
 * many; NULL when all are alive or memory is out. */
im_trans_t *im_trans_new(const im_event_t *request, const char *id);

/* The tag of ours is that one; -1 when out of memory. */
int im_trans_set_to_tag(im_trans_t *trans, im_slice_t to_tag);

/* The first pending one, to walk by next. */
im_trans_t *im_trans_pending(void);

void im_trans_accept(im_trans_t *trans, unsigned code);
void im_trans_end(im_trans_t *trans, unsigned code);

/* That event told its end; NULL: it is lost. What nobody but the sidecar may ask
 * for again is remembered only until the event is confirmed. */
void im_trans_told(im_trans_t *trans, im_stored_t *event);
/* What told its end is confirmed already: it may be gone after this. */
void im_trans_over(im_trans_t *trans);

/* That node has it, or has answered it. */
void im_trans_set_holder(im_trans_t *trans, int node);
/* Pending ones that node has. */
int im_trans_held_by(int node);
/* Keeps a copy of the encoded request as long as it is pending; -1: out of
 * memory. */
int im_trans_keep_request(im_trans_t *trans, im_slice_t request);

/* NULL when the ordinal is new. */
const im_outcome_t *im_trans_outcome(const im_trans_t *trans, unsigned ordinal);
/* -1 when there are too many. */
int im_trans_add_outcome(
		im_trans_t *trans, unsigned ordinal, unsigned code, int sent);

/* Forgets what ended long ago, if the sidecar has been there since long ago
 * too. */
void im_trans_sweep(int64_t now, int64_t since);

int im_trans_count(void);
int im_trans_pending_count(void);
int im_trans_accepted_count(void);

#endif
