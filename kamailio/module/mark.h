/*
 * im_sidecar: marks a request that we have finished, so that it never comes back to us
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_MARK_H
#define IM_MARK_H

#include "slice.h"

#define IM_MARK_USER "done"
#define IM_MARK_PARAM "mark"
#define IM_MARK_LEN 32 /* hexadecimal digits: 128 bits of HMAC-SHA256 */

void im_hmac_sha256(im_slice_t key, const im_slice_t *parts, int count,
		unsigned char digest[32]);

/* The mark for a request with that Call-ID and From tag. */
void im_mark_make(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, char mark[IM_MARK_LEN]);

int im_mark_valid(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, im_slice_t mark);

#endif
