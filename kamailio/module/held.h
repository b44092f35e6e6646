/*
 * im_sidecar: requests that we hold for the sidecar
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_HELD_H
#define IM_HELD_H

#include "event.h"
#include "nodes.h"
#include "trans.h"

/* From the workers. */
void im_held_request(const im_event_t *event);
void im_held_cancelled(const im_event_t *event);
void im_held_ack(const im_event_t *event);
void im_held_ack_by_dialog(const im_event_t *event);

/* From the sidecar. */
void im_held_reply(const im_action_t *action);
void im_held_decline(const im_action_t *action);
void im_held_relay(const im_action_t *action);

/* Whom its events are for. */
im_whom_t im_held_whom(const im_trans_t *trans);

/* No sidecar takes it: 503. */
void im_held_refuse(im_trans_t *trans);

/* The stream of that node is lost: 503 to all that it has not answered. */
void im_held_give_up(int node);

#endif
