/*
 * im_sidecar: is this UTF-8? A protobuf string that is not is refused by its
 * reader, so text from the wire is checked before it is encoded.
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_UTF8_H
#define IM_UTF8_H

#include "slice.h"

/* Length of the well-formed character at the start of v, 0 if there is none. */
static inline int im_utf8_length(im_slice_t v)
{
	const unsigned char *p = (const unsigned char *)v.s;
	unsigned char low = 0x80, high = 0xBF;
	int i, n;

	if(v.len < 1)
		return 0;
	if(p[0] < 0x80)
		return 1;
	if(p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if(v.len < n)
		return 0;
	/* no over-long forms, no surrogates, nothing above U+10FFFF */
	if(p[0] == 0xE0)
		low = 0xA0;
	else if(p[0] == 0xED)
		high = 0x9F;
	else if(p[0] == 0xF0)
		low = 0x90;
	else if(p[0] == 0xF4)
		high = 0x8F;
	if(p[1] < low || p[1] > high)
		return 0;
	for(i = 2; i < n; i++)
		if(p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	return n;
}

static inline int im_utf8_valid(im_slice_t v)
{
	int i, n;

	for(i = 0; i < v.len; i += n) {
		n = im_utf8_length(im_slice(v.s + i, v.len - i));
		if(n == 0)
			return 0;
	}
	return 1;
}

#endif
