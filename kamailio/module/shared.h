/*
 * im_sidecar: what all processes share: is a sidecar attached, which domains, counters
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SHARED_H
#define IM_SHARED_H

#include <stdint.h>
#include "core/atomic_ops.h"
#include "core/locking.h"
#include "node.h"
#include "wire.h"

#define IM_BOOT_ID_LEN 32
#define IM_SECRET_LEN 32
#define IM_INVITE_FILTER 4096

#define IM_NOBODY 255

/* One sidecar, as the link sees it. */
typedef struct im_node_view
{
	int used;
	char name[IM_NAME_MAX]; /* under the lock */
	char version[IM_NAME_MAX];
	char target[IM_TARGET_MAX];
	atomic_t full;				   /* its store has no room for requests */
	volatile int64_t paused_until; /* new requests are refused, by im_now */
	volatile int attached;
	volatile int slots;
	volatile int held;
	volatile int unconfirmed;
	volatile long unconfirmed_bytes;
	volatile uint64_t sequence;
	volatile uint64_t confirmed;
	volatile uint64_t attached_times;
	volatile uint64_t redirected; /* events that it has handed on */
} im_node_view_t;

typedef struct im_shared
{
	atomic_t up;	/* a sidecar is attached */
	atomic_t beat;	/* when the link was last seen to work, tenths of seconds */
	atomic_t piped; /* events on their way to the link */
	atomic_t refused; /* requests for which there was no room */
	volatile unsigned char route[IM_SLOTS]; /* by slot the node; IM_NOBODY */
	im_node_view_t nodes[IM_NODES_MAX];
	atomic_t tight;	 /* the link wants to know what of ours has been read */
	int64_t started; /* of im_now */
	gen_lock_t lock; /* of the names */
	char boot_id[IM_BOOT_ID_LEN + 1];
	char node[128];
	char server_version[128];
	int domain_count;
	char domains[32768]; /* lower case, each with its zero */

	/* Call-IDs of INVITEs of ours, by hash: workers take only those 2xx up */
	atomic_t invite_filter[IM_INVITE_FILTER];

	/* written by the link, read by RPC */
	volatile int held;
	volatile int accepted; /* 2xx of ours that wait for ACK */
	volatile int transactions;
	volatile int keys;
	volatile int waiting; /* requests of ours that wait for their window */
	volatile int unconfirmed;
	volatile long unconfirmed_bytes;
	volatile uint64_t sequence;
	volatile uint64_t confirmed;
	volatile uint64_t attached_times;
	volatile uint64_t lost_events;
	atomic_t dropped; /* events a worker could not pass to the link */
} im_shared_t;

extern im_shared_t *im_shared;
extern im_slice_t im_secret; /* of the marks */

/* In mod_init, before any fork; 0 or -1. */
int im_shared_init(void);
void im_shared_destroy(void);

/* hello: NULL as long as there is none. */
void im_shared_set_node(
		int index, const im_action_t *hello, const char *target);
void im_shared_set_domains(const im_slice_t *domains, int count);
void im_shared_publish_node(const im_node_t *node);

/* The view of the node that a request of that slot goes to; NULL: none. */
const im_node_view_t *im_shared_node_for(int slot);
int im_shared_has_domain(im_slice_t host);

/* The link says that it works, at least every quarter of a second. */
void im_link_beats(void);

/* A sidecar is attached and the link works. */
int im_is_up(void);

/* A 2xx may still come for an INVITE that an earlier boot has sent. */
int im_stray_time(void);

/* transaction = BOOT-INDEX-LABEL, valid within one boot */
#define IM_TRANSACTION_LEN 40
int im_transaction_write(char *out, unsigned index, unsigned label);

#endif
