/*
 * im_sidecar: events a sidecar has not confirmed yet, in order
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_STORE_H
#define IM_STORE_H

#include <stdint.h>
#include "frame.h"
#include "slot.h"
#include "told.h"

typedef struct im_stored
{
	struct im_stored *prev;
	struct im_stored *next;
	uint64_t sequence; /* one counter for the events of all stores */
	im_told_t *told;   /* what it tells of */
	int field;		   /* which kind of event */
	int slot;
	int len;
	int inner; /* bytes of its message, at the end of all */
	char bytes[];
} im_stored_t;

typedef struct im_store
{
	im_stored_t *first;
	im_stored_t *last;
	im_stored_t *found; /* what was looked for last */
	uint64_t sequence;	/* of the youngest event */
	int count;
	long bytes;
	int max_count;
	long max_bytes;
	int slots[IM_SLOTS]; /* events of each */
} im_store_t;

void im_store_init(im_store_t *store, int max_count, long max_bytes);

/* No room for another request. Other events may fill twice the bound. */
int im_store_full(const im_store_t *store);

/* Numbers, frames and keeps the event; NULL when twice the bound is full or
 * memory is out: the event is lost. */
im_stored_t *im_store_add(im_store_t *store, int field, int slot,
		im_slice_t payload, im_extra_t extra);

/* The event with that number, NULL: there is none. */
im_stored_t *im_store_find(im_store_t *store, uint64_t sequence);

/* It gets a new number, as the youngest of the other store, in spite of its
 * bound. NULL when out of memory: it stays where it is. */
im_stored_t *im_store_move(
		im_store_t *store, im_stored_t *event, im_store_t *to);

/* Forgets all events up to that one. A number not yet given is ignored. */
void im_store_confirm(im_store_t *store, uint64_t sequence);

/* Forgets all events of one kind. Their numbers stay unused. */
void im_store_forget(im_store_t *store, int field);

#endif
