/*
 * im_sidecar: events a sidecar has not confirmed yet
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "store.h"

#include <stdlib.h>

static uint64_t last_number = 0;

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

static im_stored_t *append(im_store_t *store, int field, int slot,
		im_slice_t payload, im_extra_t extra, int len)
{
	im_stored_t *e = malloc(sizeof(*e) + len);

	if(!e)
		return NULL;
	e->next = NULL;
	e->prev = store->last;
	e->sequence = store->sequence = ++last_number;
	e->told = NULL;
	e->field = field;
	e->slot = slot;
	e->len = len;
	e->inner = im_frame_inner(payload, extra);
	im_frame_write(e->bytes, e->sequence, field, payload, extra);
	if(store->last)
		store->last->next = e;
	else
		store->first = e;
	store->last = e;
	store->count++;
	store->bytes += len;
	store->slots[slot]++;
	return e;
}

im_stored_t *im_store_add(im_store_t *store, int field, int slot,
		im_slice_t payload, im_extra_t extra)
{
	int len = im_frame_size(last_number + 1, field, payload, extra);

	if(store->count >= 2L * store->max_count
			|| store->bytes + len > 2 * store->max_bytes)
		return NULL;
	return append(store, field, slot, payload, extra, len);
}

static void unlink_event(im_store_t *store, im_stored_t *e)
{
	if(store->found == e)
		store->found = e->prev;
	if(e->prev)
		e->prev->next = e->next;
	else
		store->first = e->next;
	if(e->next)
		e->next->prev = e->prev;
	else
		store->last = e->prev;
	store->count--;
	store->bytes -= e->len;
	store->slots[e->slot]--;
}

/* Who hands events on does so from the oldest to the youngest: what comes next
 * is found near what was found last. */
im_stored_t *im_store_find(im_store_t *store, uint64_t sequence)
{
	im_stored_t *e = store->found;

	if(!e || e->sequence > sequence)
		e = store->first;
	while(e && e->sequence < sequence)
		e = e->next;
	if(!e || e->sequence != sequence)
		return NULL;
	store->found = e;
	return e;
}

im_stored_t *im_store_move(
		im_store_t *store, im_stored_t *event, im_store_t *to)
{
	im_slice_t message =
			im_slice(event->bytes + event->len - event->inner, event->inner);
	im_extra_t none = {0};
	int len = im_frame_size(last_number + 1, event->field, message, none);
	im_stored_t *e = append(to, event->field, event->slot, message, none, len);

	if(!e)
		return NULL;
	im_told_move(&event->told, &e->told);
	unlink_event(store, event);
	free(event);
	return e;
}

void im_store_confirm(im_store_t *store, uint64_t sequence)
{
	im_stored_t *e;

	if(sequence > store->sequence)
		return;
	while((e = store->first) && e->sequence <= sequence) {
		unlink_event(store, e);
		im_told_all(&e->told);
		free(e);
	}
}

void im_store_forget(im_store_t *store, int field)
{
	im_stored_t *e, *next;

	for(e = store->first; e; e = next) {
		next = e->next;
		if(e->field != field)
			continue;
		unlink_event(store, e);
		im_told_all(&e->told);
		free(e);
	}
}
