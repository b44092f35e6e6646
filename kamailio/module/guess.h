/*
 * im_sidecar: guess: where requests go that no identity of ours names
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_GUESS_H
#define IM_GUESS_H

#include "wire.h"

/* For whose half a request is: the sender, the receiver, or these two when the
 * core does not say; never 0. */
unsigned im_guess_key(const im_request_t *request);

/* *slot becomes that where the last such request went, if that is remembered:
 * by the link only, and of those that share a place only the last. */
void im_guess(unsigned key, int *slot);
void im_guess_learn(unsigned key, int slot);

#endif
