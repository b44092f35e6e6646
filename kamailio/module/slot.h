/*
 * im_sidecar: slots: the parts of all that the sidecars hold
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SLOT_H
#define IM_SLOT_H

#include "slice.h"

#define IM_SLOTS 1024

/* Of what is found by a text that others know too: FNV-1a with 32 bits. */
int im_slot_of_text(im_slice_t text);

/* Of an aggregate: its last two characters, base32; else of its text. */
int im_slot_of_id(im_slice_t id);

/* Of a request of ours: its key begins with the aggregate and a slash. */
int im_slot_of_key(im_slice_t action_key);

/* Of an INVITE of ours, by its Call-ID: SECRET-AGGREGATE-PARTICIPANT. */
int im_slot_of_call_id(im_slice_t call_id);

/* Of a request from outside: 1 and the slot of the identity of ours that its
 * Request-URI names, or 0 and that of the Call-ID, a guess. */
int im_slot_of_request(im_slice_t uri, im_slice_t call_id, int *slot);

#endif
