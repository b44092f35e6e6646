/*
 * im_sidecar: bounds the unanswered bytes on each TCP next hop
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window.h"

#define WINDOWS 256 /* next hops share them by hash */

typedef struct window
{
	long bytes;
	im_key_t *first;
	im_key_t *last;
} window_t;

static window_t windows[WINDOWS];
static int waiting = 0;

static int has_room(const window_t *w, long bytes, long max)
{
	return w->bytes == 0 || w->bytes + bytes <= max;
}

static void enqueue(window_t *w, im_key_t *key)
{
	key->state = IM_KEY_WAITING;
	key->next = NULL;
	key->prev = w->last;
	if(w->last)
		w->last->next = key;
	else
		w->first = key;
	w->last = key;
	waiting++;
}

static void dequeue(window_t *w, im_key_t *key)
{
	if(key->prev)
		key->prev->next = key->next;
	else
		w->first = key->next;
	if(key->next)
		key->next->prev = key->prev;
	else
		w->last = key->prev;
	key->prev = key->next = NULL;
	key->state = IM_KEY_NEW;
	waiting--;
}

int im_window_enter(im_key_t *key, im_slice_t next_hop, long bytes, long max)
{
	window_t *w;

	key->window = im_hash(next_hop) % WINDOWS;
	key->window_bytes = bytes;
	w = &windows[key->window];
	if(w->first || !has_room(w, bytes, max)) {
		enqueue(w, key);
		return 0;
	}
	w->bytes += bytes;
	return 1;
}

void im_window_leave(im_key_t *key)
{
	if(key->window < 0)
		return;
	windows[key->window].bytes -= key->window_bytes;
	key->window = -1;
}

void im_window_abandon(im_key_t *key)
{
	dequeue(&windows[key->window], key);
	key->window = -1;
}

im_key_t *im_window_next(int window, long max)
{
	window_t *w = &windows[window];
	im_key_t *key = w->first;

	if(!key || !has_room(w, key->window_bytes, max))
		return NULL;
	dequeue(w, key);
	w->bytes += key->window_bytes;
	return key;
}

int im_window_waiting(void)
{
	return waiting;
}
