/*
 * im_sidecar: what the sidecar may put on the wire
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "check.h"

#include <ctype.h>

static int has_only(im_slice_t v, int max, const char *marks)
{
	int i;

	if(v.len < 1 || v.len > max)
		return 0;
	for(i = 0; i < v.len; i++) {
		unsigned char c = v.s[i];
		if(c >= 0x80 || c == 0 || (!isalnum(c) && !strchr(marks, c)))
			return 0;
	}
	return 1;
}

int im_is_token(im_slice_t v, int max)
{
	return has_only(v, max, "-.!%*_+`'~");
}

int im_is_call_id(im_slice_t v)
{
	return has_only(v, 512, "-.!%*_+`'~()<>:\\\"/[]?{}@");
}

int im_is_line(im_slice_t v, int max)
{
	int i;

	if(v.len > max)
		return 0;
	for(i = 0; i < v.len; i++) {
		unsigned char c = v.s[i];
		if((c < 0x20 && c != '\t') || c == 0x7F)
			return 0;
	}
	return 1;
}

static int is_tms_own(im_slice_t name)
{
	static const char *const own[] = {"Via", "v", "From", "f", "To", "t",
			"Call-ID", "i", "CSeq", "Content-Length", "l", NULL};
	int i;

	for(i = 0; own[i]; i++)
		if(im_slice_caseeq(name, im_text(own[i])))
			return 1;
	return 0;
}

const char *im_check_headers(const im_header_t *headers, int count, int max)
{
	int i;

	if(count > max)
		return "too many headers";
	for(i = 0; i < count; i++) {
		if(!im_is_token(headers[i].name, 128))
			return "header name is no token";
		if(is_tms_own(headers[i].name))
			return "header is written by Kamailio itself";
		if(!im_is_line(headers[i].value, 1 << 24))
			return "header value breaks the line";
	}
	return NULL;
}

int im_headers_size(const im_header_t *headers, int count)
{
	int i, size = 0;

	for(i = 0; i < count; i++)
		size += headers[i].name.len + 2 + headers[i].value.len + 2;
	return size;
}

char *im_headers_write(char *out, const im_header_t *headers, int count)
{
	int i;

	for(i = 0; i < count; i++) {
		memcpy(out, headers[i].name.s, headers[i].name.len);
		out += headers[i].name.len;
		*out++ = ':';
		*out++ = ' ';
		if(headers[i].value.len)
			memcpy(out, headers[i].value.s, headers[i].value.len);
		out += headers[i].value.len;
		*out++ = '\r';
		*out++ = '\n';
	}
	return out;
}
