/*
 * im_sidecar: header fields that leave a request or come to it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_LUMPS_H
#define IM_LUMPS_H

#include "core/parser/msg_parser.h"
#include "slice.h"

/* Every field of that name, whichever form it has; 0 or -1. */
int im_lumps_remove(struct sip_msg *msg, im_slice_t name);

/* Complete lines, after all others; 0 or -1. */
int im_lumps_add(struct sip_msg *msg, im_slice_t lines);

/* Takes lines back that begin like this and were added alone. */
void im_lumps_take_back(struct sip_msg *msg, im_slice_t begin);

#endif
