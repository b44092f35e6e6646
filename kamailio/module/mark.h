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
#define IM_MARK_TERM "term" /* who is called has his half run */
#define IM_MARK_PARTS 6
#define IM_MARK_LEN 32 /* hexadecimal digits: 128 bits of HMAC-SHA256 */

void im_hmac_sha256(im_slice_t key, const im_slice_t *parts, int count,
		unsigned char digest[32]);

/* A mark over at most IM_MARK_PARTS strings, whatever they are. */
void im_mark_of(im_slice_t secret, const im_slice_t *parts, int count,
		char mark[IM_MARK_LEN]);

/* Takes as long whether they are the same or not. */
int im_mark_same(im_slice_t a, im_slice_t b);

/* The mark for a request with that Call-ID and From tag. */
void im_mark_make(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, char mark[IM_MARK_LEN]);

int im_mark_valid(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, im_slice_t mark);

#endif
