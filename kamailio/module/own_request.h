/*
 * im_sidecar: requests of ours as the workers read them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_OWN_REQUEST_H
#define IM_OWN_REQUEST_H

struct sip_msg;

/* Script callback before the request route: tells the link that a request of
 * ours has been read from a core socket, while it wants to know. */
int im_on_own_request(struct sip_msg *msg, unsigned flags, void *param);

#endif
