/*
 * im_sidecar: sends replies of ours on transactions that we hold
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "reply.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/msg_translator.h"
#include "core/parser/parse_to.h"
#include "core/receive.h"
#include "im_tm.h"
#include "params.h"
#include "reply_text.h"
#include "sip_view.h"

static void find_places(struct sip_msg *request, im_request_places_t *places)
{
	struct hdr_field *h;
	im_slice_t to = IM_SLICE(request->to->body);

	while(to.len && strchr(" \t\r\n", to.s[to.len - 1]))
		to.len--;
	places->to_end = to.s + to.len - request->buf;
	places->record_route =
			request->h_via1->name.s + request->h_via1->len - request->buf;
	for(h = request->headers; h; h = h->next)
		if(h->type == HDR_RECORDROUTE_T) {
			places->record_route = h->name.s - request->buf;
			break;
		}
}

static im_slice_t own_record_route(struct sip_msg *request, char *out, int size)
{
	im_socket_t s;
	char address[256];
	im_slice_t host;
	int len;

	im_socket_view(request->rcv.bind_address, &s);
	host = s.advertised_address.len ? s.advertised_address : s.address;
	if(memchr(host.s, ':', host.len) && host.s[0] != '[') {
		len = snprintf(address, sizeof(address), "[%.*s]", host.len, host.s);
		host = im_slice(address, len);
	}
	len = im_record_route(out, size, host,
			s.advertised_port ? s.advertised_port : s.port, s.transport);
	return im_slice(out, len > 0 ? len : 0);
}

/* A private copy of the request: tm works on it while others may work on the
 * shared one. */
static int copy_request(struct sip_msg *request, const im_reply_t *reply,
		im_slice_t to_tag, struct sip_msg *copy)
{
	im_request_places_t places;
	im_slice_t route = im_slice("", 0);
	char route_text[512];
	char *text;
	int len;

	if(!request->to || !request->h_via1)
		return -1;
	find_places(request, &places);
	if(reply->record_route && reply->code > 100 && reply->code < 300)
		route = own_record_route(request, route_text, sizeof(route_text));
	if(get_to(request)->tag_value.len > 0 || reply->code == 100)
		to_tag = im_slice("", 0);
	text = im_reply_text(
			im_slice(request->buf, request->len), &places, to_tag, route, &len);
	if(!text)
		return -1;
	if(build_sip_msg_from_buf(copy, text, len, inc_msg_no()) < 0
			|| parse_headers(copy, HDR_EOH_F, 0) < 0) {
		copy->buf = NULL;
		free_sip_msg(copy);
		free(text);
		return -1;
	}
	copy->rcv = request->rcv;
	copy->msg_flags |= request->msg_flags & FL_FORCE_RPORT;
	copy->set_global_address = request->set_global_address;
	copy->set_global_port = request->set_global_port;
	return 0;
}

static void free_copy(struct sip_msg *copy)
{
	char *text = copy->buf;

	copy->buf = NULL;
	free_sip_msg(copy);
	free(text);
}

static int add_lump(struct sip_msg *copy, im_slice_t text, int type)
{
	if(!text.len)
		return 0;
	return add_lump_rpl(copy, (char *)text.s, text.len,
				   type | LUMP_RPL_NODUP | LUMP_RPL_NOFREE)
				   ? 0
				   : -1;
}

static int reply_with_copy(
		struct cell *t, const im_reply_t *reply, im_slice_t to_tag)
{
	struct sip_msg copy;
	char reason[257];
	int result = -1;

	if(copy_request(t->uas.request, reply, to_tag, &copy) < 0) {
		LM_ERR("cannot copy the request\n");
		return -1;
	}
	snprintf(reason, sizeof(reason), "%.*s", reply->reason.len,
			reply->reason.len ? reply->reason.s : "");
	if(add_lump(&copy, reply->headers, LUMP_RPL_HDR) == 0
			&& add_lump(&copy, reply->body, LUMP_RPL_BODY) == 0) {
		/* bounds the copies of a final reply to INVITE */
		if(reply->code >= 200)
			t->fr_timeout = MS_TO_TICKS(im_params.hold_timeout);
		result = im_tm.t_reply_trans(t, &copy, reply->code, reason);
	}
	free_copy(&copy);
	return result;
}

unsigned im_reply_send(im_trans_t *trans, const im_reply_t *reply)
{
	struct cell *t = NULL;
	unsigned ended = 0;
	int keep = 0;

	if(im_tm.t_lookup_ident(&t, trans->index, trans->label) < 0) {
		im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
		return 408;
	}
	if(t->uas.status >= 200) {
		ended = t->uas.status;
	} else if(reply_with_copy(t, reply, trans->dialog.to_tag) < 0) {
		/* somebody was faster, maybe with the same code */
		ended = t->uas.status >= 200 ? t->uas.status : 500;
	} else {
		keep = trans->invite && reply->code >= 200 && reply->code < 300;
	}
	if(keep)
		trans->cell = t;
	else
		im_tm.unref_cell(t);
	im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	return ended;
}

static im_slice_t retry_after(char *out, int size)
{
	return im_slice(out,
			snprintf(out, size, "Retry-After: %d\r\n", im_params.retry_after));
}

unsigned im_reply_local(im_trans_t *trans, unsigned code, const char *reason)
{
	im_reply_t reply = {0};
	char header[64];
	unsigned ended;

	reply.code = code;
	reply.reason = im_text(reason);
	if(code == 503)
		reply.headers = retry_after(header, sizeof(header));
	ended = im_reply_send(trans, &reply);
	if(ended)
		code = ended;
	im_trans_end(trans, code);
	return code;
}

void im_reply_away(unsigned index, unsigned label, im_slice_t to_tag)
{
	im_trans_t nobody;
	im_reply_t reply = {0};
	char header[64];

	memset(&nobody, 0, sizeof(nobody));
	nobody.index = index;
	nobody.label = label;
	nobody.dialog.to_tag = to_tag;
	reply.code = 503;
	reply.reason = im_text("Service Unavailable");
	reply.headers = retry_after(header, sizeof(header));
	im_reply_send(&nobody, &reply);
}
