/*
 * im_sidecar: puts sequence number and field around an encoded event, so that a
 * batch is the concatenation of its framed events
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_FRAME_H
#define IM_FRAME_H

#include <stdint.h>
#include "slice.h"

/* A string field that the link adds to a payload; field 0: none. */
typedef struct im_extra
{
	int field;
	im_slice_t value;
} im_extra_t;

/* Bytes of the message inside, the field added included. */
int im_frame_inner(im_slice_t payload, im_extra_t extra);

/* Bytes that the framed event takes. */
int im_frame_size(
		uint64_t sequence, int field, im_slice_t payload, im_extra_t extra);

/* Writes that many bytes to out. */
void im_frame_write(char *out, uint64_t sequence, int field, im_slice_t payload,
		im_extra_t extra);

/* One more field at the end of a message; bytes, and what they take. */
int im_frame_field_size(int field, im_slice_t value);
char *im_frame_field_write(char *out, int field, im_slice_t value);
/* A number, in at most IM_FRAME_NUMBER_MAX bytes. */
#define IM_FRAME_NUMBER_MAX 20
char *im_frame_number_write(char *out, int field, uint64_t value);

#endif
