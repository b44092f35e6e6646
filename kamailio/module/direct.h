/*
 * im_sidecar: the way of a request within a dialog without the core socket
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_DIRECT_H
#define IM_DIRECT_H

#include "wire.h"

/* Names the next hop of a request without one, if it may go there straight
 * (parameter direct): the topmost Route, or without any the Request-URI, is an
 * IP address and none of ours. size: about how large it will be. */
void im_direct_hop(im_action_t *action, long size);

/* Record-Route of the core socket, for a request that makes a dialog. */
im_slice_t im_direct_record_route(im_slice_t call_id, char *out, int size);

#endif
