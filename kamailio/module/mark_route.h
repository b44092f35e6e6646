/*
 * im_sidecar: script function im_mark_ok: done marks and session case in the top Route
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_MARK_ROUTE_H
#define IM_MARK_ROUTE_H

#include "core/parser/msg_parser.h"
#include "wire.h"

/* 1: the top Route is a valid done mark; -2: it is ours and names the half that
 * is to run; -3: the same, and the request is one of ours; else -1. Called
 * before loose_route(). */
int im_mark_ok(struct sip_msg *msg);

/* What im_mark_ok saw in the top Route of this message. */
im_session_case_t im_mark_session_case(struct sip_msg *msg);

#endif
