/*
 * im_sidecar: what a transport carries; more than that vanishes without an error
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SIZES_H
#define IM_SIZES_H

#include "trans.h"

/* A reply repeats at most the headers of its request and adds so many bytes. */
int im_reply_fits(const im_trans_t *trans, long added);

/* A whole request of ours. */
int im_request_fits(long bytes, int udp);

#endif
