/*
 * im_sidecar: may this Originate go out?
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "originate_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "address.h"
#include "check.h"
#include "direct.h"
#include "mark.h"
#include "params.h"
#include "shared.h"
#include "sizes.h"

#define ROUTE_MARK "Route: <sip:%s@%.*s;lr;" IM_MARK_PARAM "=%.*s>\r\n"
#define ROUTE_MARK_MAX 256

const char *im_names_check(const im_action_t *a)
{
	if(!im_is_token(a->method, 32) || im_slice_eq(a->method, im_text("ACK"))
			|| im_slice_eq(a->method, im_text("CANCEL")))
		return "method is no token, or ACK or CANCEL";
	if(!im_is_uri(a->uri))
		return "Request-URI does not parse";
	if(!im_is_name_addr(a->from) || !im_is_token(a->from_tag, 256))
		return "From does not parse";
	if(!im_is_name_addr(a->to)
			|| (a->to_tag.len && !im_is_token(a->to_tag, 256)))
		return "To does not parse";
	if(!im_is_call_id(a->call_id))
		return "Call-ID does not parse";
	if(a->cseq < 1 || a->cseq > 0x7fffffff)
		return "CSeq is out of range";
	return NULL;
}

static const char *check_hop(im_slice_t next_hop, im_slice_t call_id, int *udp)
{
	*udp = 0;
	if(next_hop.len)
		return im_is_next_hop(next_hop, udp)
					   ? NULL
					   : "next hop is no SIP URI with an IP address";
	return im_core_socket_for(call_id) ? NULL : "no core socket configured";
}

static int is_marked(const im_action_t *a)
{
	return a->done_mark || a->terminating;
}

long im_action_size(const im_action_t *a)
{
	return (long)a->method.len + a->uri.len + a->from.len + a->from_tag.len
		   + a->to.len + a->to_tag.len + a->call_id.len
		   + im_headers_size(a->headers, a->header_count) + a->body.len
		   + (is_marked(a) ? ROUTE_MARK_MAX : 0);
}

void im_originate_check(const im_action_t *a, im_originate_verdict_t *v)
{
	memset(v, 0, sizeof(*v));
	v->code = 400;
	v->wrong = "action key is empty or too long";
	if(a->action_key.len < 1 || a->action_key.len > IM_KEY_MAX)
		return;
	v->wrong = im_names_check(a);
	if(v->wrong)
		return;
	v->keepable = 1;
	v->wrong = check_hop(a->next_hop, a->call_id, &v->udp);
	if(v->wrong)
		return;
	if(is_marked(a) && !im_core_socket_for(a->call_id)) {
		v->wrong = "no core socket for the mark";
		return;
	}
	v->wrong = im_check_headers(
			a->headers, a->header_count, im_params.max_headers);
	if(v->wrong)
		return;
	v->bytes = im_action_size(a);
	if(!im_request_fits(v->bytes, v->udp)) {
		v->code = 513;
		v->wrong = "Message Too Large";
		return;
	}
	v->code = 0;
}

const char *im_ack_check(const im_action_t *a)
{
	const char *wrong;
	int udp;

	if(!im_is_uri(a->uri))
		return "Request-URI does not parse";
	wrong = check_hop(a->next_hop, a->action_key, &udp);
	if(wrong)
		return wrong;
	wrong = im_check_headers(
			a->headers, a->header_count, im_params.max_headers);
	if(wrong)
		return wrong;
	return im_request_fits(im_action_size(a), udp) ? NULL : "Message Too Large";
}

static int write_mark(const im_key_t *key, int terminating, char *out, int size)
{
	const im_core_socket_t *core = im_core_socket_for(key->call_id);
	const char *user = terminating ? IM_MARK_TERM : IM_MARK_USER;
	char mark[IM_MARK_LEN];
	int len;

	im_mark_make(
			im_secret, key->call_id, key->from_tag, im_text(user), mark);
	/* without its "sip:" */
	len = snprintf(out, size, ROUTE_MARK, user, core->next_hop.len - 4,
			core->next_hop.s + 4, IM_MARK_LEN, mark);
	return len < size ? len : 0;
}

/* The mark, or what the route would have added. */
static im_slice_t top_of(
		const im_key_t *key, const im_action_t *a, char *out, int size)
{
	if(is_marked(a))
		return im_slice(out, write_mark(key, a->terminating, out, size));
	/* a NOTIFY may be there before the answer to its SUBSCRIBE, RFC 6665 4.3 */
	if(key->direct && im_slice_eq(a->method, im_text("NOTIFY")))
		return im_direct_record_route(key->call_id, out, size);
	return im_slice("", 0);
}

int im_originate_content(im_key_t *key, const im_action_t *a)
{
	char text[ROUTE_MARK_MAX];
	im_slice_t top = top_of(key, a, text, sizeof(text));
	int size = im_headers_size(a->headers, a->header_count);
	char *p;

	key->content = p = malloc(top.len + size + a->body.len + 1);
	if(!p)
		return -1;
	memcpy(p, top.s, top.len);
	im_headers_write(p + top.len, a->headers, a->header_count);
	key->headers = im_slice(p, top.len + size);
	p += top.len + size;
	if(a->body.len)
		memcpy(p, a->body.s, a->body.len);
	key->body = im_slice(p, a->body.len);
	return 0;
}
