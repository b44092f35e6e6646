/*
 * im_sidecar: timers of the link process
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "timers.h"

#include <stdlib.h>
#include <time.h>

static im_timer_t **heap = NULL; /* from 1 */
static int used = 0;
static int size = 0;

int64_t im_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void place(im_timer_t *timer, int slot)
{
	heap[slot] = timer;
	timer->slot = slot;
}

static void up(im_timer_t *timer, int slot)
{
	for(; slot > 1 && heap[slot / 2]->at > timer->at; slot /= 2)
		place(heap[slot / 2], slot);
	place(timer, slot);
}

static void down(im_timer_t *timer, int slot)
{
	int child;

	while((child = slot * 2) <= used) {
		if(child < used && heap[child + 1]->at < heap[child]->at)
			child++;
		if(heap[child]->at >= timer->at)
			break;
		place(heap[child], slot);
		slot = child;
	}
	place(timer, slot);
}

static int grow(void)
{
	im_timer_t **more;

	if(used + 1 < size)
		return 0;
	more = realloc(heap, (size ? size * 2 : 1024) * sizeof(*heap));
	if(!more)
		return -1;
	heap = more;
	size = size ? size * 2 : 1024;
	return 0;
}

int im_timer_set(im_timer_t *timer, int64_t at)
{
	im_timer_clear(timer);
	if(grow() < 0)
		return -1;
	timer->at = at;
	up(timer, ++used);
	return 0;
}

void im_timer_clear(im_timer_t *timer)
{
	im_timer_t *last;
	int slot = timer->slot;

	if(!slot)
		return;
	timer->slot = 0;
	last = heap[used--];
	if(last == timer)
		return;
	if(slot > 1 && heap[slot / 2]->at > last->at)
		up(last, slot);
	else
		down(last, slot);
}

void im_timers_run(int64_t now)
{
	im_timer_t *due;

	while(used && heap[1]->at <= now) {
		due = heap[1];
		im_timer_clear(due);
		due->fire(due);
	}
}

int im_timers_wait(int64_t now, int max)
{
	if(!used || heap[1]->at - now > max)
		return max;
	return heap[1]->at <= now ? 0 : (int)(heap[1]->at - now);
}
