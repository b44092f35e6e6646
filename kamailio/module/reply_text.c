/*
 * im_sidecar: text of a request as a reply of ours needs it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "reply_text.h"

#include <stdio.h>
#include <stdlib.h>

static char *append(char *p, const char *s, int len)
{
	if(len > 0)
		memcpy(p, s, len);
	return p + len;
}

char *im_reply_text(im_slice_t request, const im_request_places_t *places,
		im_slice_t to_tag, im_slice_t record_route, int *len)
{
	im_slice_t first = to_tag, second = record_route;
	int first_at = places->to_end, second_at = places->record_route;
	char *text, *p;

	if(first_at < 0 || first_at > request.len || second_at < 0
			|| second_at > request.len)
		return NULL;
	text = malloc(request.len + 5 + to_tag.len + record_route.len + 1);
	if(!text)
		return NULL;
	if(second_at < first_at) {
		first = record_route;
		second = to_tag;
		first_at = places->record_route;
		second_at = places->to_end;
	}
	p = append(text, request.s, first_at);
	if(first.s == to_tag.s && to_tag.len)
		p = append(p, ";tag=", 5);
	p = append(p, first.s, first.len);
	p = append(p, request.s + first_at, second_at - first_at);
	if(second.s == to_tag.s && to_tag.len)
		p = append(p, ";tag=", 5);
	p = append(p, second.s, second.len);
	p = append(p, request.s + second_at, request.len - second_at);
	*p = '\0';
	*len = p - text;
	return text;
}

int im_record_route(char *out, int size, im_slice_t host, unsigned port,
		im_slice_t transport)
{
	int udp = transport.len == 3 && strncasecmp(transport.s, "udp", 3) == 0;
	int n;

	n = snprintf(out, size, "Record-Route: <sip:%.*s:%u%s%.*s;lr>\r\n",
			host.len, host.s, port,
			udp ? "" : ";transport=", udp ? 0 : transport.len, transport.s);
	return n < size ? n : -1;
}
