/*
 * im_sidecar: timers of the link process, a binary heap
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_TIMERS_H
#define IM_TIMERS_H

#include <stdint.h>

typedef struct im_timer
{
	int64_t at; /* monotonic milliseconds */
	int slot;	/* in the heap, from 1; 0: not set */
	void (*fire)(struct im_timer *timer);
} im_timer_t;

int64_t im_now(void);

/* Sets the timer or moves it; -1 when out of memory. */
int im_timer_set(im_timer_t *timer, int64_t at);
void im_timer_clear(im_timer_t *timer);

/* Runs what is due, each timer cleared before it fires. */
void im_timers_run(int64_t now);

/* Milliseconds to the next timer, at most max. */
int im_timers_wait(int64_t now, int max);

#endif
