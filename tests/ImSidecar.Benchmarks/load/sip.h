/*
 * load: SIP messages, as far as a load generator needs them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_SIP_H
#define LOAD_SIP_H

#include <string.h>

#define SIP_MAX 65536
#define HEADERS_MAX 64

typedef struct slice
{
	const char *s;
	int len;
} slice_t;

typedef struct header
{
	slice_t name;
	slice_t value;
} header_t;

typedef struct message
{
	slice_t method; /* empty: a response */
	slice_t uri;
	int code;
	const char *body;
	header_t headers[HEADERS_MAX];
	int header_count;
} message_t;

static inline int is(slice_t v, const char *text)
{
	return v.len == (int)strlen(text) && !memcmp(v.s, text, v.len);
}

/* -1: no SIP message. */
int sip_parse(const char *text, int len, message_t *message);

/* The first of that name, empty if there is none. */
slice_t sip_header(const message_t *message, const char *name);

/* The tag of From or To, empty if there is none. */
slice_t sip_tag(slice_t value);

/* The URI in angle brackets. */
slice_t sip_uri(slice_t value);

unsigned sip_cseq(const message_t *message);

/* Content-Length. */
unsigned sip_length(const message_t *message);

/* Text that is put together; what does not fit ends the program. */
typedef struct text
{
	char s[SIP_MAX];
	int len;
} text_t;

void text_add(text_t *text, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* The response to a request; to_tag and extra (whole header lines) may be
 * NULL. */
void sip_response(text_t *text, const message_t *request, const char *status,
		const char *to_tag, const char *extra, const char *body);

#endif
