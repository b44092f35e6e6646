/*
 * im_sidecar: bounds the unanswered bytes on each TCP next hop: more than its write queue takes destroys the connection silently
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_WINDOW_H
#define IM_WINDOW_H

#include "keys.h"

/* 1: may be sent now, its bytes are counted. 0: it waits. */
int im_window_enter(im_key_t *key, im_slice_t next_hop, long bytes, long max);

/* Answered, or read: its bytes are free. */
void im_window_leave(im_key_t *key);

/* A waiting key that is given up. */
void im_window_abandon(im_key_t *key);

/* The next key that may be sent through that window, its bytes counted. */
im_key_t *im_window_next(int window, long max);

int im_window_waiting(void);
long im_window_waiting_bytes(void);

/* More than half of a window is used. */
int im_window_tight(void);

#endif
