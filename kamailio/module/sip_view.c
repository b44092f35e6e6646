/*
 * im_sidecar: a SIP message as the contract shows it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "sip_view.h"

#include <stdlib.h>

#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/socket_info.h"
#include "core/ut.h"
#include "list.h"
#include "params.h"

static im_header_t *headers = NULL;
static char *unfolded = NULL; /* all folded values of one message */
static int unfolded_size = 0;

static int is_folded(im_slice_t v)
{
	return memchr(v.s, '\n', v.len) != NULL || memchr(v.s, '\r', v.len) != NULL;
}

/* RFC 3261 7.3.1: a line break with the white space around it is one space. */
static im_slice_t unfold(im_slice_t v, char **p)
{
	char *start = *p;
	int i = 0;

	while(i < v.len) {
		if(v.s[i] != '\r' && v.s[i] != '\n') {
			*(*p)++ = v.s[i++];
			continue;
		}
		while(*p > start && ((*p)[-1] == ' ' || (*p)[-1] == '\t'))
			(*p)--;
		while(i < v.len && strchr(" \t\r\n", v.s[i]) && v.s[i])
			i++;
		*(*p)++ = ' ';
	}
	return im_slice(start, *p - start);
}

static int reserve(const struct sip_msg *msg)
{
	if(!headers) {
		headers = malloc(im_params.max_headers * sizeof(*headers));
		if(!headers)
			return -1;
	}
	if(unfolded_size < (int)msg->len) {
		char *more = realloc(unfolded, msg->len);
		if(!more)
			return -1;
		unfolded = more;
		unfolded_size = msg->len;
	}
	return 0;
}

static int view_headers(
		struct sip_msg *msg, im_keep_header_f keep, im_sip_view_t *view)
{
	struct hdr_field *h;
	im_header_t *to;
	const char *end, *colon;
	char *p = unfolded;

	view->headers = headers;
	view->header_count = 0;
	for(h = msg->headers; h; h = h->next) {
		if(keep && !keep(h))
			continue;
		if(view->header_count >= im_params.max_headers) {
			LM_WARN("message has more than %d headers\n",
					im_params.max_headers);
			return IM_VIEW_TOO_LARGE;
		}
		/* name and value as received, whatever the parser made of them */
		end = h->name.s + h->len;
		colon = memchr(h->name.s, ':', h->len);
		if(!colon)
			return -1;
		to = &headers[view->header_count++];
		to->name = im_trim(im_slice(h->name.s, colon - h->name.s));
		to->value = im_trim(im_slice(colon + 1, end - colon - 1));
		if(to->value.len && is_folded(to->value))
			to->value = unfold(to->value, &p);
	}
	return 0;
}

static int view_body(struct sip_msg *msg, im_sip_view_t *view)
{
	char *body = get_body(msg);
	int len;

	view->body = im_slice(NULL, 0);
	if(!body)
		return 0;
	len = msg->buf + msg->len - body;
	if(msg->content_length && get_content_length(msg) < len)
		len = get_content_length(msg);
	if(len > im_params.max_body) {
		LM_WARN("body of %d bytes is larger than max_body\n", len);
		return IM_VIEW_TOO_LARGE;
	}
	view->body = im_slice(body, len);
	return 0;
}

int im_sip_view(struct sip_msg *msg, im_keep_header_f keep, im_sip_view_t *view)
{
	int result;

	memset(view, 0, sizeof(*view));
	if(parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !msg->from
			|| !msg->to || !msg->cseq || parse_from_header(msg) < 0
			|| parse_to_header(msg) < 0)
		return -1;
	if(reserve(msg) < 0)
		return -1;
	result = view_headers(msg, keep, view);
	if(result == 0)
		result = view_body(msg, view);
	if(result < 0)
		return result;
	view->dialog.call_id = IM_SLICE(msg->callid->body);
	view->dialog.from_tag = IM_SLICE(get_from(msg)->tag_value);
	view->dialog.to_tag = IM_SLICE(get_to(msg)->tag_value);
	if(str2int(&get_cseq(msg)->number, &view->dialog.cseq) < 0)
		return -1;
	return 0;
}

static const char *transport_name(int proto)
{
	switch(proto) {
		case PROTO_UDP:
			return "udp";
		case PROTO_TCP:
			return "tcp";
		case PROTO_TLS:
			return "tls";
		case PROTO_SCTP:
			return "sctp";
		case PROTO_WS:
			return "ws";
		case PROTO_WSS:
			return "wss";
		default:
			return "";
	}
}

void im_socket_view(const struct socket_info *from, im_socket_t *to)
{
	memset(to, 0, sizeof(*to));
	to->transport = im_text(transport_name(from->proto));
	to->address = IM_SLICE(from->address_str);
	to->port = from->port_no;
	to->advertised_address = IM_SLICE(from->useinfo.name);
	to->advertised_port = from->useinfo.port_no;
}
