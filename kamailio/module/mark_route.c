/*
 * im_sidecar: script function im_mark_ok: done marks and session case in the top Route
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "mark_route.h"

#include "core/forward.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_rr.h"
#include "core/parser/parse_uri.h"
#include "mark.h"
#include "shared.h"

static unsigned seen_id = 0;
static int seen_pid = 0;
static im_session_case_t seen_case = IM_CASE_UNSPECIFIED;

/* The value of a parameter of a URI, empty if it is not there. */
static im_slice_t uri_param(const struct sip_uri *uri, const char *name)
{
	im_slice_t rest = IM_SLICE(uri->params);
	im_slice_t wanted = im_text(name);
	const char *end, *equals;

	while(rest.len > 0) {
		end = memchr(rest.s, ';', rest.len);
		im_slice_t one = im_slice(rest.s, end ? end - rest.s : rest.len);
		equals = memchr(one.s, '=', one.len);
		if(equals && im_slice_caseeq(im_slice(one.s, equals - one.s), wanted))
			return im_slice(equals + 1, one.len - (equals + 1 - one.s));
		if(!end)
			break;
		rest = im_slice(end + 1, rest.len - one.len - 1);
	}
	return im_slice(NULL, 0);
}

static int has_valid_mark(
		struct sip_msg *msg, const struct sip_uri *uri, const char *user)
{
	if(!msg->callid || parse_from_header(msg) < 0)
		return 0;
	return im_mark_valid(im_secret, IM_SLICE(msg->callid->body),
			IM_SLICE(get_from(msg)->tag_value), im_text(user),
			uri_param(uri, IM_MARK_PARAM));
}

/* As loose_route() knows it. */
static int is_own(const struct sip_uri *uri)
{
	str host = uri->host;

	return check_self(&host, uri->port_no ? uri->port_no : SIP_PORT, 0);
}

int im_mark_ok(struct sip_msg *msg)
{
	struct sip_uri uri;
	rr_t *top;

	seen_id = msg->id;
	seen_pid = msg->pid;
	seen_case = IM_CASE_UNSPECIFIED;
	if(msg->first_line.type != SIP_REQUEST
			|| parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->route
			|| parse_rr(msg->route) < 0)
		return -1;
	top = (rr_t *)msg->route->parsed;
	if(!top || parse_uri(top->nameaddr.uri.s, top->nameaddr.uri.len, &uri) < 0)
		return -1;
	if(im_slice_eq(IM_SLICE(uri.user), im_text(IM_MARK_USER)))
		return has_valid_mark(msg, &uri, IM_MARK_USER) ? 1 : -1;
	if(im_slice_eq(IM_SLICE(uri.user), im_text("orig")))
		seen_case = IM_CASE_ORIGINATING;
	else if(im_slice_eq(IM_SLICE(uri.user), im_text(IM_MARK_TERM)))
		seen_case = IM_CASE_TERMINATING;
	if(seen_case == IM_CASE_UNSPECIFIED || !is_own(&uri))
		return -1;
	return seen_case == IM_CASE_TERMINATING
						   && has_valid_mark(msg, &uri, IM_MARK_TERM)
				   ? -3
				   : -2;
}

im_session_case_t im_mark_session_case(struct sip_msg *msg)
{
	if(msg->id == seen_id && msg->pid == seen_pid)
		return seen_case;
	return IM_CASE_UNSPECIFIED;
}
