/*
 * im_sidecar: gives requests of ours to tm
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SEND_H
#define IM_SEND_H

#include "keys.h"

/* 0 and the transaction is in the key; -1: it could not be sent. */
int im_send_request(im_key_t *key);

/* The ACK for a 2xx, with a branch of its own. */
int im_send_ack(const im_key_t *invite, const im_fork_t *fork);

/* CANCEL for an INVITE that is on its way. */
void im_send_cancel(const im_key_t *invite);

#endif
