/*
 * im_sidecar: copies several strings into one block
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_PACK_H
#define IM_PACK_H

#include <stdlib.h>
#include "slice.h"

/* Points each of the slices at its copy in one block, which is to be freed;
 * NULL when out of memory, with the slices untouched. */
static inline char *im_pack(im_slice_t **slices, int count)
{
	char *block, *p;
	size_t size = 1;
	int i;

	for(i = 0; i < count; i++)
		size += slices[i]->len;
	block = malloc(size);
	if(!block)
		return NULL;
	p = block;
	for(i = 0; i < count; i++) {
		if(slices[i]->len > 0)
			memcpy(p, slices[i]->s, slices[i]->len);
		slices[i]->s = p;
		p += slices[i]->len;
	}
	return block;
}

#endif
