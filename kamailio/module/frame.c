/*
 * im_sidecar: framing of events in a SipEventBatch
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame.h"

#define WIRE_VARINT 0
#define WIRE_BYTES 2
#define BATCH_EVENTS 1
#define EVENT_SEQUENCE 1

static int varint_size(uint64_t v)
{
	int n = 1;

	while(v >= 0x80) {
		v >>= 7;
		n++;
	}
	return n;
}

static char *varint_write(char *p, uint64_t v)
{
	while(v >= 0x80) {
		*p++ = (char)(v | 0x80);
		v >>= 7;
	}
	*p++ = (char)v;
	return p;
}

static uint64_t tag(int field, int type)
{
	return (uint64_t)field << 3 | type;
}

static int bytes_size(int field, int len)
{
	return varint_size(tag(field, WIRE_BYTES)) + varint_size(len) + len;
}

int im_frame_inner(im_slice_t payload, im_extra_t extra)
{
	return payload.len
		   + (extra.field ? bytes_size(extra.field, extra.value.len) : 0);
}

static int event_size(
		uint64_t sequence, int field, im_slice_t payload, im_extra_t extra)
{
	int size = bytes_size(field, im_frame_inner(payload, extra));

	if(sequence)
		size += varint_size(tag(EVENT_SEQUENCE, WIRE_VARINT))
				+ varint_size(sequence);
	return size;
}

int im_frame_size(
		uint64_t sequence, int field, im_slice_t payload, im_extra_t extra)
{
	return bytes_size(
			BATCH_EVENTS, event_size(sequence, field, payload, extra));
}

int im_frame_field_size(int field, im_slice_t value)
{
	return bytes_size(field, value.len);
}

char *im_frame_field_write(char *p, int field, im_slice_t value)
{
	p = varint_write(p, tag(field, WIRE_BYTES));
	p = varint_write(p, value.len);
	if(value.len)
		memcpy(p, value.s, value.len);
	return p + value.len;
}

char *im_frame_number_write(char *p, int field, uint64_t value)
{
	p = varint_write(p, tag(field, WIRE_VARINT));
	return varint_write(p, value);
}

void im_frame_write(char *out, uint64_t sequence, int field, im_slice_t payload,
		im_extra_t extra)
{
	char *p = out;

	p = varint_write(p, tag(BATCH_EVENTS, WIRE_BYTES));
	p = varint_write(p, event_size(sequence, field, payload, extra));
	if(sequence) {
		p = varint_write(p, tag(EVENT_SEQUENCE, WIRE_VARINT));
		p = varint_write(p, sequence);
	}
	p = varint_write(p, tag(field, WIRE_BYTES));
	p = varint_write(p, im_frame_inner(payload, extra));
	if(extra.field)
		p = im_frame_field_write(p, extra.field, extra.value);
	if(payload.len)
		memcpy(p, payload.s, payload.len);
}
