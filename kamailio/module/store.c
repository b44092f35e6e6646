/*
 * im_sidecar: events the sidecar has not confirmed yet
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "store.h"

#include <stdlib.h>

void im_store_init(im_store_t *store, int max_count, long max_bytes)
{
	memset(store, 0, sizeof(*store));
	store->max_count = max_count;
	store->max_bytes = max_bytes;
}

int im_store_full(const im_store_t *store)
{
	return store->count >= store->max_count || store->bytes >= store->max_bytes;
}

const im_stored_t *im_store_add(
		im_store_t *store, int field, im_slice_t payload, im_extra_t extra)
{
	im_stored_t *e;
	int len;

	len = im_frame_size(store->sequence + 1, field, payload, extra);
	if(store->count >= 2L * store->max_count
			|| store->bytes + len > 2 * store->max_bytes)
		return NULL;
	e = malloc(sizeof(*e) + len);
	if(!e)
		return NULL;
	e->next = NULL;
	e->sequence = ++store->sequence;
	e->field = field;
	e->len = len;
	im_frame_write(e->bytes, e->sequence, field, payload, extra);
	if(store->last)
		store->last->next = e;
	else
		store->first = e;
	store->last = e;
	store->count++;
	store->bytes += len;
	return e;
}

void im_store_confirm(im_store_t *store, uint64_t sequence)
{
	im_stored_t *e;

	if(sequence > store->sequence)
		return;
	while((e = store->first) && e->sequence <= sequence) {
		store->first = e->next;
		if(!store->first)
			store->last = NULL;
		store->count--;
		store->bytes -= e->len;
		free(e);
	}
}

void im_store_forget(im_store_t *store, int field)
{
	im_stored_t **at = &store->first;
	im_stored_t *e;

	store->last = NULL;
	while((e = *at)) {
		if(e->field != field) {
			store->last = e;
			at = &e->next;
			continue;
		}
		*at = e->next;
		store->count--;
		store->bytes -= e->len;
		free(e);
	}
}
