/*
 * im_sidecar: comma-separated header values
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "list.h"

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

im_slice_t im_trim(im_slice_t v)
{
	while(v.len && is_space(v.s[0])) {
		v.s++;
		v.len--;
	}
	while(v.len && is_space(v.s[v.len - 1]))
		v.len--;
	return v;
}

int im_list_next(im_slice_t *rest, im_slice_t *element)
{
	int i, quoted = 0, bracket = 0;

	while(rest->len > 0) {
		for(i = 0; i < rest->len; i++) {
			char c = rest->s[i];
			if(quoted && c == '\\')
				i++;
			else if(c == '"' && !bracket)
				quoted = !quoted;
			else if(quoted)
				continue;
			else if(c == '<')
				bracket = 1;
			else if(c == '>')
				bracket = 0;
			else if(c == ',' && !bracket)
				break;
		}
		if(i > rest->len)
			i = rest->len;
		*element = im_trim(im_slice(rest->s, i));
		rest->s += i;
		rest->len -= i;
		if(rest->len) {
			rest->s++;
			rest->len--;
		}
		if(element->len)
			return 1;
	}
	return 0;
}
