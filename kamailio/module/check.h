/*
 * im_sidecar: what the sidecar may put on the wire
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_CHECK_H
#define IM_CHECK_H

#include "wire.h"

/* RFC 3261 25.1 token, at most max bytes. */
int im_is_token(im_slice_t v, int max);

/* Call-ID: word [ "@" word ], at most 512 bytes. */
int im_is_call_id(im_slice_t v);

/* Nothing that ends a line or a string; UTF-8 or not is the sidecar's affair. */
int im_is_line(im_slice_t v, int max);

/* Header names are tokens, values are lines, and none is one that tm writes
 * itself (Via, From, To, Call-ID, CSeq, Content-Length). NULL when all is well,
 * else what is wrong. */
const char *im_check_headers(const im_header_t *headers, int count, int max);

/* Bytes of the headers as text, and the text: "Name: value" CRLF ... */
int im_headers_size(const im_header_t *headers, int count);
char *im_headers_write(char *out, const im_header_t *headers, int count);

#endif
