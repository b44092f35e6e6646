/*
 * im_sidecar: bounds the unanswered bytes on each TCP next hop
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window.h"

#define WINDOWS 128 /* next hops share them by hash */
#define LARGE 8192	/* those have windows of their own: nobody waits for them */

typedef struct window
{
	long bytes;
	im_key_t *first;
	im_key_t *last;
} window_t;

static window_t windows[2 * WINDOWS];
static int waiting = 0;
static long waiting_bytes = 0;
static long half = 0;
static int tight = 0;

static void count(window_t *w, long bytes)
{
	tight -= w->bytes > half;
	w->bytes += bytes;
	tight += w->bytes > half;
}

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
	waiting_bytes += key->window_bytes;
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
	waiting_bytes -= key->window_bytes;
}

int im_window_enter(im_key_t *key, im_slice_t next_hop, long bytes, long max)
{
	window_t *w;

	half = max / 2;
	key->window = im_hash(next_hop) % WINDOWS + (bytes > LARGE ? WINDOWS : 0);
	key->window_bytes = bytes;
	w = &windows[key->window];
	if(w->first || !has_room(w, bytes, max)) {
		enqueue(w, key);
		return 0;
	}
	count(w, bytes);
	return 1;
}

void im_window_leave(im_key_t *key)
{
	if(key->window < 0)
		return;
	count(&windows[key->window], -key->window_bytes);
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
	count(w, key->window_bytes);
	return key;
}

int im_window_tight(void)
{
	return tight > 0;
}

long im_window_waiting_bytes(void)
{
	return waiting_bytes;
}

int im_window_waiting(void)
{
	return waiting;
}
