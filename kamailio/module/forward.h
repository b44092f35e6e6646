/*
 * im_sidecar: script function im_forward: suspends a request and hands it up
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_FORWARD_H
#define IM_FORWARD_H

#include "core/parser/msg_parser.h"

/* 0: taken, the script ends; -1: the sidecar is away or has no room; -2: other
 * error. identity: what the route authenticated; NULL with trusted. */
int im_forward(struct sip_msg *msg, int trusted, str *identity);

#endif
