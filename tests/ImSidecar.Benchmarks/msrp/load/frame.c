/*
 * msrp load: MSRP frames
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "frame.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD_MAX 16384

slice_t first_of(slice_t path)
{
	const char *space = memchr(path.s, ' ', path.len);

	return (slice_t){path.s, space ? (int)(space - path.s) : path.len};
}

slice_t last_of(slice_t path)
{
	const char *space = memrchr(path.s, ' ', path.len);

	return space ? (slice_t){space + 1, path.len - (int)(space + 1 - path.s)}
				 : path;
}

slice_t session_of(slice_t uri)
{
	const char *end = uri.s + uri.len;
	const char *p = memmem(uri.s, uri.len, "://", 3);
	const char *stop;

	p = p ? memchr(p + 3, '/', end - p - 3) : NULL;
	if(!p)
		return (slice_t){uri.s, 0};
	stop = memchr(p, ';', end - p);
	return (slice_t){p + 1, (int)((stop ? stop : end) - p - 1)};
}

static int starts(const char *line, int len, const char *name, slice_t *value)
{
	int skip = strlen(name);

	if(len < skip || memcmp(line, name, skip))
		return 0;
	*value = (slice_t){line + skip, len - skip};
	return 1;
}

/* From the end-line's first CR on: whether it is one, and how long. */
static int end_line(const char *p, const char *end, slice_t id)
{
	int len = 2 + 7 + id.len + 3;

	if(end - p < len)
		return 0;
	if(memcmp(p, "\r\n-------", 9) || memcmp(p + 9, id.s, id.len)
			|| memcmp(p + len - 2, "\r\n", 2))
		return -1;
	return len;
}

/* Where the body ends: by its range when that tells, else where the end-line is. */
static int find_end(
		frame_t *frame, const char *body, const char *end, long known)
{
	const char *p = body;
	int len;

	if(known >= 0) {
		if(end - body < known)
			return 0;
		len = end_line(body + known, end, frame->id);
		if(len >= 0) {
			p = body + known;
			frame->body = (slice_t){body, (int)known};
			frame->flag = len ? p[len - 3] : 0;
			frame->len = (int)(p + len - frame->id.s) + 5;
			return len > 0;
		}
	}
	for(; (p = memmem(p, end - p, "\r\n-------", 9)); p++) {
		len = end_line(p, end, frame->id);
		if(!len)
			return 0;
		if(len > 0) {
			frame->body = (slice_t){body, (int)(p - body)};
			frame->flag = p[len - 3];
			frame->len = (int)(p + len - frame->id.s) + 5;
			return 1;
		}
	}
	return 0;
}

static int start_line(const char *line, int len, frame_t *frame)
{
	const char *space;

	if(len < 9 || memcmp(line, "MSRP ", 5)
			|| !(space = memchr(line + 5, ' ', len - 5)))
		return -1;
	frame->id = (slice_t){line + 5, (int)(space - line) - 5};
	space++;
	if(*space >= '0' && *space <= '9')
		frame->status = atoi(space);
	else
		frame->method = (slice_t){space, len - (int)(space - line)};
	return 0;
}

int frame_parse(const char *bytes, int len, frame_t *frame)
{
	const char *p = bytes, *end = bytes + len, *line_end;
	slice_t range = {NULL, 0};
	long from, to, known = -1;

	memset(frame, 0, sizeof(*frame));
	for(;; p = line_end + 1) {
		line_end = memchr(p, '\n', end - p);
		if(!line_end)
			return end - bytes > HEAD_MAX ? -1 : 0;
		len = (int)(line_end - p) - 1;
		if(len < 0)
			return -1;
		if(p == bytes) {
			if(start_line(p, len, frame) < 0)
				return -1;
			continue;
		}
		/* No body: the end-line is where a header would be. */
		if(len > 7 && *p == '-')
			return find_end(frame, p - 2, end, 0);
		if(len == 0)
			break;
		(void)(starts(p, len, "To-Path: ", &frame->to_path)
				|| starts(p, len, "From-Path: ", &frame->from_path)
				|| starts(p, len, "Byte-Range: ", &range)
				|| starts(p, len, "Use-Path: ", &frame->use_path)
				|| starts(p, len, "WWW-Authenticate: ", &frame->challenge));
	}
	if(range.s && sscanf(range.s, "%ld-%ld/", &from, &to) == 2)
		known = to - from + 1;
	return find_end(frame, line_end + 1, end, known);
}

int frame_answer(char *to, int room, const frame_t *request)
{
	slice_t back = first_of(request->from_path);
	slice_t own = first_of(request->to_path);

	return snprintf(to, room,
			"MSRP %.*s 200 OK\r\nTo-Path: %.*s\r\nFrom-Path: %.*s\r\n"
			"-------%.*s$\r\n",
			request->id.len, request->id.s, back.len, back.s, own.len, own.s,
			request->id.len, request->id.s);
}
