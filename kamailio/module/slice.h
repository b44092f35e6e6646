/*
 * im_sidecar: a counted string that does not own its bytes
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SLICE_H
#define IM_SLICE_H

#include <string.h>
#include <strings.h>

/* Around what C++ shares with C. */
#ifdef __cplusplus
#define IM_C_BEGIN \
	extern "C"     \
	{
#define IM_C_END }
#else
#define IM_C_BEGIN
#define IM_C_END
#endif

typedef struct im_slice
{
	const char *s;
	int len;
} im_slice_t;

static inline im_slice_t im_slice(const char *s, int len)
{
	im_slice_t v;
	v.s = s;
	v.len = len;
	return v;
}

static inline im_slice_t im_text(const char *s)
{
	return im_slice(s, s ? (int)strlen(s) : 0);
}

/* From any struct with s and len, Kamailio's str above all. */
#define IM_SLICE(v) im_slice((v).s, (v).len)

static inline int im_slice_eq(im_slice_t a, im_slice_t b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

static inline int im_slice_caseeq(im_slice_t a, im_slice_t b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.s, b.s, a.len) == 0);
}

#endif
