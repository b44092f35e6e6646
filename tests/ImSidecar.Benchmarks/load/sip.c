/*
 * load: SIP messages, as far as a load generator needs them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "sip.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static slice_t trimmed(const char *from, const char *to)
{
	while(from < to && (*from == ' ' || *from == '\t'))
		from++;
	while(to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return (slice_t){from, to - from};
}

static int parse_start(const char *line, const char *end, message_t *m)
{
	const char *space = memchr(line, ' ', end - line);
	const char *second;

	if(!space)
		return -1;
	if(end - line > 11 && !memcmp(line, "SIP/2.0 ", 8)) {
		m->code = atoi(space + 1);
		return m->code >= 100 ? 0 : -1;
	}
	second = memchr(space + 1, ' ', end - space - 1);
	if(!second)
		return -1;
	m->method = (slice_t){line, space - line};
	m->uri = (slice_t){space + 1, second - space - 1};
	return 0;
}

int sip_parse(const char *text, int len, message_t *m)
{
	const char *stop = text + len, *line = text, *end, *colon;

	memset(&m->method, 0, sizeof(m->method));
	memset(&m->uri, 0, sizeof(m->uri));
	m->code = m->header_count = 0;
	end = memmem(line, stop - line, "\r\n", 2);
	if(!end || parse_start(line, end, m) < 0)
		return -1;
	for(line = end + 2; line < stop; line = end + 2) {
		end = memmem(line, stop - line, "\r\n", 2);
		if(!end)
			return -1;
		if(end == line) {
			m->body = end + 2;
			return 0;
		}
		colon = memchr(line, ':', end - line);
		if(!colon || m->header_count == HEADERS_MAX)
			return -1;
		m->headers[m->header_count].name = trimmed(line, colon);
		m->headers[m->header_count++].value = trimmed(colon + 1, end);
	}
	return -1;
}

slice_t sip_header(const message_t *m, const char *name)
{
	int i, len = strlen(name);

	for(i = 0; i < m->header_count; i++)
		if(m->headers[i].name.len == len
				&& !strncasecmp(m->headers[i].name.s, name, len))
			return m->headers[i].value;
	return (slice_t){"", 0};
}

slice_t sip_tag(slice_t v)
{
	const char *tag = memmem(v.s, v.len, ";tag=", 5);
	const char *end;

	if(!tag)
		return (slice_t){"", 0};
	tag += 5;
	end = memchr(tag, ';', v.s + v.len - tag);
	return (slice_t){tag, (end ? end : v.s + v.len) - tag};
}

slice_t sip_uri(slice_t v)
{
	const char *from = memchr(v.s, '<', v.len);
	const char *to = from ? memchr(from, '>', v.s + v.len - from) : NULL;

	return to ? (slice_t){from + 1, to - from - 1} : v;
}

unsigned sip_cseq(const message_t *m)
{
	slice_t v = sip_header(m, "CSeq");

	return v.len ? strtoul(v.s, NULL, 10) : 0;
}

unsigned sip_length(const message_t *m)
{
	slice_t v = sip_header(m, "Content-Length");

	return v.len ? strtoul(v.s, NULL, 10) : 0;
}

void text_add(text_t *text, const char *format, ...)
{
	va_list values;
	int n;

	va_start(values, format);
	n = vsnprintf(text->s + text->len, SIP_MAX - text->len, format, values);
	va_end(values);
	text->len += n;
	if(n < 0 || text->len >= SIP_MAX) {
		fputs("load: a message does not fit into a datagram\n", stderr);
		exit(70);
	}
}

void sip_response(text_t *text, const message_t *request, const char *status,
		const char *to_tag, const char *extra, const char *body)
{
	static const char *copied[] = {"Via", "From", "To", "Call-ID", "CSeq",
			"Record-Route"};
	const header_t *h;
	unsigned i;

	text->len = 0;
	text_add(text, "SIP/2.0 %s\r\n", status);
	for(h = request->headers; h < request->headers + request->header_count;
			h++) {
		for(i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
			if(is(h->name, copied[i]))
				break;
		if(i == sizeof(copied) / sizeof(copied[0]))
			continue;
		text_add(text, "%s: %.*s", copied[i], h->value.len, h->value.s);
		if(i == 2 && to_tag && !sip_tag(h->value).len)
			text_add(text, ";tag=%s", to_tag);
		text_add(text, "\r\n");
	}
	text_add(text, "%sContent-Length: %d\r\n\r\n%s", extra ? extra : "",
			body ? (int)strlen(body) : 0, body ? body : "");
}
