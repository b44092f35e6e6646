/*
 * im_sidecar: 2xx to INVITE that wait for their ACK
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_HOLD_H
#define IM_HOLD_H

#include "trans.h"
#include "wire.h"

/* 0, or the code that answers a Reply which cannot be sent, and why. */
unsigned im_hold_check(
		const im_action_t *reply, const im_trans_t *trans, const char **wrong);

/* A Reply with its headers as text; NULL when out of memory. */
im_answer_t *im_hold_copy(const im_action_t *reply);
void im_hold_free(im_answer_t *copy);

/* The 2xx is sent and the cell is ours: tm repeats it until the ACK. */
void im_hold_start(im_trans_t *trans);

/* A request that we have answered before gets the same answer. */
void im_hold_repeat(im_trans_t *trans, im_trans_t *before);

/* release: tm does not know of the ACK yet. */
void im_hold_acked(im_trans_t *trans, im_slice_t payload, int release);

#endif
