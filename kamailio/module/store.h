/*
 * im_sidecar: events the sidecar has not confirmed yet, in order
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_STORE_H
#define IM_STORE_H

#include <stdint.h>
#include "frame.h"

typedef struct im_stored
{
	struct im_stored *next;
	uint64_t sequence;
	int field; /* which kind of event */
	int len;
	char bytes[];
} im_stored_t;

typedef struct im_store
{
	im_stored_t *first;
	im_stored_t *last;
	uint64_t sequence; /* of the youngest event */
	int count;
	long bytes;
	int max_count;
	long max_bytes;
} im_store_t;

void im_store_init(im_store_t *store, int max_count, long max_bytes);

/* No room for another request. Other events may fill twice the bound. */
int im_store_full(const im_store_t *store);

/* Numbers, frames and keeps the event; NULL when twice the bound is full or
 * memory is out: the event is lost. */
const im_stored_t *im_store_add(
		im_store_t *store, int field, im_slice_t payload, im_extra_t extra);

/* Forgets all events up to that one. A number not yet given is ignored. */
void im_store_confirm(im_store_t *store, uint64_t sequence);

/* Forgets all events of one kind. Their numbers stay unused. */
void im_store_forget(im_store_t *store, int field);

#endif
