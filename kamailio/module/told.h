/*
 * im_sidecar: what an event tells of: once it is confirmed nobody asks again
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_TOLD_H
#define IM_TOLD_H

#include <stddef.h>

/* The end of something, inside its owner; several may hang on one event. */
typedef struct im_told
{
	struct im_told *next;
	struct im_told **at; /* what points here; NULL: it hangs on no event */
	void (*confirmed)(struct im_told *told);
} im_told_t;

static inline void im_told_hang(im_told_t *told, im_told_t **event)
{
	told->next = *event;
	told->at = event;
	if(told->next)
		told->next->at = &told->next;
	*event = told;
}

static inline void im_told_take(im_told_t *told)
{
	if(!told->at)
		return;
	*told->at = told->next;
	if(told->next)
		told->next->at = told->at;
	told->next = NULL;
	told->at = NULL;
}

/* The event has become another one. */
static inline void im_told_move(im_told_t **from, im_told_t **to)
{
	*to = *from;
	if(*to)
		(*to)->at = to;
	*from = NULL;
}

/* The event is confirmed; who is called may free the owner. */
static inline void im_told_all(im_told_t **event)
{
	im_told_t *told;

	while((told = *event)) {
		im_told_take(told);
		told->confirmed(told);
	}
}

#endif
