/*
 * im_sidecar: addresses that the sidecar names
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "address.h"

#include <stdlib.h>

#include "check.h"
#include "core/parser/parse_addr_spec.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"

#define URI_MAX 1024
#define NAME_ADDR_MAX 2048

static int parse(im_slice_t v, struct sip_uri *uri)
{
	int i;

	if(v.len < 1 || !im_is_line(v, URI_MAX))
		return -1;
	for(i = 0; i < v.len; i++)
		if(strchr(" \t<>\"", v.s[i]))
			return -1;
	return parse_uri((char *)v.s, v.len, uri);
}

int im_is_uri(im_slice_t v)
{
	struct sip_uri uri;

	return parse(v, &uri) == 0;
}

int im_is_next_hop(im_slice_t v, int *udp)
{
	struct sip_uri uri;

	if(parse(v, &uri) < 0 || (uri.type != SIP_URI_T && uri.type != SIPS_URI_T))
		return 0;
	*udp = uri.type == SIP_URI_T
		   && (uri.transport_val.len == 0
				   || im_slice_caseeq(
						   IM_SLICE(uri.transport_val), im_text("udp")));
	return str2ip(&uri.host) != NULL || str2ip6(&uri.host) != NULL;
}

int im_is_name_addr(im_slice_t v)
{
	static char text[NAME_ADDR_MAX + 5];
	struct to_body to;
	int ok;

	if(v.len < 1 || !im_is_line(v, NAME_ADDR_MAX))
		return 0;
	memcpy(text, v.s, v.len);
	memcpy(text + v.len, "\r\n\r\n", 5);
	memset(&to, 0, sizeof(to));
	parse_to(text, text + v.len + 4, &to);
	ok = to.error == PARSE_OK && to.tag_value.len == 0
		 && im_is_uri(IM_SLICE(to.uri));
	free_to_params(&to);
	return ok;
}
