/*
 * im_sidecar: decoder of the contract: slices of the received bytes, no copies
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "wire.h"

/* Types on the wire. */
enum
{
	NUMBER = 0,
	FIXED64 = 1,
	BYTES = 2,
	FIXED32 = 5
};

/* What a field is of an action: a slice, a number, or a message of its own. */
enum
{
	SLICE = 1,
	UNSIGNED,
	LONG,
	HEADER,
	STRINGS
};

typedef struct field
{
	unsigned number;
	unsigned type;
	uint64_t value;
	im_slice_t bytes;
} field_t;

typedef struct place
{
	unsigned char kind;
	unsigned short offset; /* in im_action_t */
} place_t;

#define PLACES_MAX 16
#define AT(kind, member)                    \
	{                                       \
		kind, offsetof(im_action_t, member) \
	}

/* By type of action the places of its fields, by their numbers. */
static const place_t places[][PLACES_MAX] = {
		[IM_ACT_HELLO] = {[1] = AT(UNSIGNED, protocol_version),
				[2] = AT(SLICE, node),
				[3] = AT(STRINGS, names),
				[4] = AT(SLICE, server_version)},
		[IM_ACT_REPLY] = {[1] = AT(SLICE, transaction),
				[2] = AT(UNSIGNED, ordinal),
				[3] = AT(UNSIGNED, code),
				[4] = AT(SLICE, reason),
				[5] = AT(HEADER, headers),
				[6] = AT(SLICE, body),
				[7] = AT(UNSIGNED, record_route),
				[8] = AT(SLICE, to_tag),
				[9] = AT(UNSIGNED, quiet),
				[10] = AT(UNSIGNED, slot)},
		[IM_ACT_DECLINE] = {[1] = AT(SLICE, transaction)},
		[IM_ACT_ORIGINATE] = {[1] = AT(SLICE, action_key),
				[2] = AT(SLICE, method),
				[3] = AT(SLICE, uri),
				[4] = AT(SLICE, next_hop),
				[5] = AT(SLICE, from),
				[6] = AT(SLICE, from_tag),
				[7] = AT(SLICE, to),
				[8] = AT(SLICE, to_tag),
				[9] = AT(SLICE, call_id),
				[10] = AT(UNSIGNED, cseq),
				[11] = AT(HEADER, headers),
				[12] = AT(SLICE, body),
				[13] = AT(UNSIGNED, done_mark),
				[14] = AT(UNSIGNED, timeout_ms),
				[15] = AT(UNSIGNED, terminating)},
		[IM_ACT_CANCEL] =
				{[1] = AT(SLICE, action_key), [2] = AT(SLICE, invite_key)},
		[IM_ACT_ACK] = {[1] = AT(SLICE, action_key),
				[2] = AT(SLICE, invite_key),
				[3] = AT(SLICE, uri),
				[4] = AT(SLICE, next_hop),
				[5] = AT(SLICE, to_tag),
				[6] = AT(HEADER, headers),
				[7] = AT(SLICE, body),
				[8] = AT(SLICE, from),
				[9] = AT(SLICE, from_tag),
				[10] = AT(SLICE, to),
				[11] = AT(SLICE, call_id),
				[12] = AT(UNSIGNED, cseq)},
		[IM_ACT_CONFIRM] = {[1] = AT(LONG, sequence)},
		[IM_ACT_PAUSE] = {[1] = AT(UNSIGNED, pause_ms)},
		[IM_ACT_RELAY] = {[1] = AT(SLICE, transaction),
				[2] = AT(SLICE, uri),
				[3] = AT(STRINGS, names),
				[4] = AT(HEADER, headers),
				[5] = AT(UNSIGNED, record_route),
				[6] = AT(UNSIGNED, passed)},
		[IM_ACT_REDIRECT] = {[1] = AT(SLICE, transaction),
				[2] = AT(LONG, sequence),
				[3] = AT(SLICE, node),
				[4] = AT(SLICE, stage),
				[5] = AT(UNSIGNED, slot)},
		/* a node has the form of a header: two strings */
		[IM_ACT_NODES] = {[1] = AT(LONG, sequence),
				[2] = AT(HEADER, headers),
				[3] = AT(SLICE, body)},
};

struct im_batch
{
	im_slice_t bytes;
	im_slice_t rest;
	im_header_t *headers; /* of the action handed out last */
	int header_room;
	im_slice_t names[IM_MAX_NAMES];
};

static int read_number(im_slice_t *rest, uint64_t *value)
{
	int shift;
	unsigned char c;

	*value = 0;
	for(shift = 0; shift < 70 && rest->len > 0; shift += 7) {
		c = *rest->s++;
		rest->len--;
		if(shift < 64)
			*value |= (uint64_t)(c & 0x7f) << shift;
		if(!(c & 0x80))
			return 0;
	}
	return -1;
}

static int read_bytes(im_slice_t *rest, uint64_t len, im_slice_t *bytes)
{
	if(len > (uint64_t)rest->len)
		return -1;
	*bytes = im_slice(rest->s, (int)len);
	rest->s += len;
	rest->len -= (int)len;
	return 0;
}

/* 1 and the next field, 0 at the end, -1: this is no message. */
static int next_field(im_slice_t *rest, field_t *f)
{
	uint64_t tag, len;

	if(rest->len == 0)
		return 0;
	if(read_number(rest, &tag) < 0 || tag >> 3 == 0 || tag >> 32)
		return -1;
	f->number = (unsigned)(tag >> 3);
	f->type = tag & 7;
	switch(f->type) {
		case NUMBER:
			return read_number(rest, &f->value) < 0 ? -1 : 1;
		case BYTES:
			return read_number(rest, &len) < 0
								   || read_bytes(rest, len, &f->bytes) < 0
						   ? -1
						   : 1;
		case FIXED64:
			return read_bytes(rest, 8, &f->bytes) < 0 ? -1 : 1;
		case FIXED32:
			return read_bytes(rest, 4, &f->bytes) < 0 ? -1 : 1;
		default:
			return -1;
	}
}

static int add_header(im_batch_t *batch, im_action_t *a, im_slice_t bytes)
{
	im_header_t header = {{"", 0}, {"", 0}};
	im_header_t *more;
	field_t f;
	int result;

	while((result = next_field(&bytes, &f)) > 0)
		if(f.type == BYTES && f.number == 1)
			header.name = f.bytes;
		else if(f.type == BYTES && f.number == 2)
			header.value = f.bytes;
	if(result < 0)
		return -1;
	if(a->header_count == batch->header_room) {
		more = realloc(
				batch->headers, (2 * a->header_count + 32) * sizeof(*more));
		if(!more)
			return -1;
		batch->headers = more;
		batch->header_room = 2 * a->header_count + 32;
	}
	batch->headers[a->header_count++] = header;
	a->headers = batch->headers;
	return 0;
}

static int put(im_batch_t *batch, im_action_t *a, const field_t *f)
{
	place_t place = {0};
	char *to;

	if(f->number < PLACES_MAX)
		place = places[a->type][f->number];
	to = (char *)a + place.offset;
	if(f->type == BYTES && place.kind == SLICE)
		*(im_slice_t *)to = f->bytes;
	else if(f->type == NUMBER && place.kind == UNSIGNED)
		*(unsigned *)to = (unsigned)f->value;
	else if(f->type == NUMBER && place.kind == LONG)
		*(uint64_t *)to = f->value;
	else if(f->type == BYTES && place.kind == HEADER)
		return add_header(batch, a, f->bytes);
	else if(f->type == BYTES && place.kind == STRINGS
			&& a->name_count < IM_MAX_NAMES)
		batch->names[a->name_count++] = f->bytes;
	/* what this version does not know is skipped */
	return 0;
}

/* The numbers of the oneof in SipAction are those of im_action_type_t. */
static int read_action(im_batch_t *batch, im_slice_t bytes, im_action_t *a)
{
	field_t action, f;
	int result, inner = 0;

	memset(a, 0, sizeof(*a));
	a->names = batch->names;
	while((result = next_field(&bytes, &action)) > 0) {
		/* of a later version: an action, or what it says beside one */
		if(action.type != BYTES || action.number > IM_ACT_NODES)
			continue;
		memset(a, 0, sizeof(*a));
		a->names = batch->names;
		a->type = (im_action_type_t)action.number;
		while((inner = next_field(&action.bytes, &f)) > 0)
			if(put(batch, a, &f) < 0)
				return -1;
		if(inner < 0)
			return -1;
	}
	return result;
}

static int next_action(im_batch_t *batch, im_action_t *a)
{
	field_t f;
	int result;

	while((result = next_field(&batch->rest, &f)) > 0) {
		memset(a, 0, sizeof(*a));
		if(f.type == BYTES && f.number == 1)
			return read_action(batch, f.bytes, a) < 0 ? -1 : 1;
	}
	return result;
}

int im_batch_next(im_batch_t *batch, im_action_t *action)
{
	return next_action(batch, action) > 0;
}

im_batch_t *im_batch_decode(im_slice_t bytes)
{
	im_batch_t *batch = calloc(1, sizeof(*batch));
	im_action_t action;
	int result;

	if(!batch)
		return NULL;
	/* nothing of a batch is done unless all of it can be read */
	batch->bytes = batch->rest = bytes;
	while((result = next_action(batch, &action)) > 0)
		;
	if(result < 0) {
		im_batch_free(batch);
		return NULL;
	}
	batch->rest = batch->bytes;
	return batch;
}

void im_batch_free(im_batch_t *batch)
{
	free(batch->headers);
	free(batch);
}
