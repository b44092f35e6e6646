/*
 * im_sidecar: says on a request which half has run, so that a loop is found
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "passed.h"

#include <ctype.h>
#include <stdio.h>

#include "core/parser/parse_from.h"
#include "list.h"
#include "lumps.h"
#include "mark.h"
#include "params.h"
#include "shared.h"

#define LINE IM_PASSED_HEADER ": "
#define ADDRESS_MAX 1024

static const char *name_of(im_session_case_t half)
{
	return half == IM_CASE_ORIGINATING ? "orig" : "term";
}

/* Whose URI it is: parameters may change on the way, and so may the case of
 * the host. */
static im_slice_t address_of(im_slice_t uri, char *out)
{
	int i, host = 0;

	for(i = 0; i < uri.len && i < ADDRESS_MAX; i++) {
		/* a user part may hold both */
		if((uri.s[i] == ';' || uri.s[i] == '?')
				&& (host || !memchr(uri.s + i, '@', uri.len - i)))
			break;
		out[i] = host ? tolower((unsigned char)uri.s[i]) : uri.s[i];
		host |= uri.s[i] == '@';
	}
	return im_slice(out, i);
}

/* Other nodes may share the secret and have halves of their own. */
static int make_mark(struct sip_msg *msg, im_session_case_t half,
		im_slice_t uri, char mark[IM_MARK_LEN])
{
	char address[ADDRESS_MAX];

	if(!msg->callid || parse_from_header(msg) < 0)
		return -1;
	im_slice_t parts[] = {IM_SLICE(msg->callid->body),
			IM_SLICE(get_from(msg)->tag_value), im_text("passed"),
			im_text(name_of(half)), IM_SLICE(im_params.instance),
			address_of(uri, address)};
	im_mark_of(im_secret, parts, sizeof(parts) / sizeof(parts[0]), mark);
	return 0;
}

im_slice_t im_passed_line(struct sip_msg *msg, im_session_case_t half,
		im_slice_t uri, char *out, int size)
{
	char mark[IM_MARK_LEN];
	int len;

	if(half == IM_CASE_UNSPECIFIED || make_mark(msg, half, uri, mark) < 0)
		return im_slice("", 0);
	len = snprintf(out, size, LINE "%s;mark=%.*s\r\n", name_of(half),
			IM_MARK_LEN, mark);
	return im_slice(out, len < size ? len : 0);
}

/* The next field of ours from there on. */
static struct hdr_field *field_from(struct hdr_field *h)
{
	while(h && !im_slice_caseeq(IM_SLICE(h->name), im_text(IM_PASSED_HEADER)))
		h = h->next;
	return h;
}

static int has_line(struct sip_msg *msg, const char *expected, int len)
{
	struct hdr_field *h;
	im_slice_t rest, one;

	for(h = field_from(msg->headers); h; h = field_from(h->next)) {
		rest = IM_SLICE(h->body);
		while(im_list_next(&rest, &one))
			if(im_mark_same(one, im_slice(expected, len)))
				return 1;
	}
	return 0;
}

static int has_passed(struct sip_msg *msg, im_session_case_t half)
{
	char line[IM_PASSED_MAX];
	im_slice_t expected = im_passed_line(
			msg, half, IM_SLICE(*GET_RURI(msg)), line, sizeof(line));
	int before = sizeof(LINE) - 1;

	return expected.len
		   && has_line(msg, expected.s + before, expected.len - before - 2);
}

int im_passed_before(struct sip_msg *msg, im_session_case_t half)
{
	if(parse_headers(msg, HDR_EOH_F, 0) < 0 || !field_from(msg->headers))
		return 0;
	if(half != IM_CASE_UNSPECIFIED)
		return has_passed(msg, half);
	/* both would run in one go */
	return has_passed(msg, IM_CASE_ORIGINATING)
		   || has_passed(msg, IM_CASE_TERMINATING);
}

int im_unmark(struct sip_msg *msg)
{
	if(msg->first_line.type != SIP_REQUEST
			|| parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	im_lumps_take_back(msg, im_text(LINE));
	return im_lumps_remove(msg, im_text(IM_PASSED_HEADER)) == 0 ? 1 : -1;
}
