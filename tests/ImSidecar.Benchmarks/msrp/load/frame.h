/*
 * msrp load: MSRP frames, as far as a load generator needs them, RFC 4975
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef MSRP_FRAME_H
#define MSRP_FRAME_H

#include <string.h>

typedef struct slice
{
	const char *s;
	int len;
} slice_t;

/* Points into the bytes it was parsed from. */
typedef struct frame
{
	slice_t id;
	slice_t method; /* empty: a response */
	int status;
	slice_t to_path;
	slice_t from_path;
	slice_t use_path;
	slice_t challenge; /* WWW-Authenticate */
	slice_t body;
	char flag;
	int len;
} frame_t;

static inline int is(slice_t v, const char *text)
{
	return v.len == (int)strlen(text) && !memcmp(v.s, text, v.len);
}

/* The first URI of a path. */
slice_t first_of(slice_t path);
/* The last one. */
slice_t last_of(slice_t path);
/* The session id in a URI. */
slice_t session_of(slice_t uri);

/* 1: a whole frame; 0: more is to come; -1: no MSRP. */
int frame_parse(const char *bytes, int len, frame_t *frame);

/* The response to a request; its length. */
int frame_answer(char *to, int room, const frame_t *request);

#endif
