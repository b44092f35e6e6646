/*
 * im_sidecar: answers to requests of ours, on their way to the link
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "answers.h"

#include "core/dprint.h"
#include "core/parser/parse_cseq.h"
#include "event.h"
#include "originate.h"
#include "shared.h"
#include "sip_view.h"
#include "table.h"

/* A NOTIFY that was taken is over: nothing more of its answer is asked for. */
static int says_no_more(struct sip_msg *reply)
{
	return reply->first_line.u.reply.statuscode / 100 == 2 && reply->cseq
		   && get_cseq(reply)->method_id == METHOD_NOTIFY;
}

static int encode(struct sip_msg *reply, im_event_t *source)
{
	im_sip_view_t view = {0};
	im_response_t r = {0};

	if(!says_no_more(reply) && im_sip_view(reply, NULL, &view) < 0)
		return -1;
	r.code = reply->first_line.u.reply.statuscode;
	r.reason = IM_SLICE(reply->first_line.u.reply.reason);
	r.headers = view.headers;
	r.header_count = view.header_count;
	r.body = view.body;
	source->code = r.code;
	source->dialog = view.dialog;
	return im_encode_response(&r, &source->payload);
}

/* 100 frees the window early, 2xx are the link's. */
static int is_wanted(struct sip_msg *reply)
{
	int code = reply->first_line.u.reply.statuscode;
	im_slice_t call_id;

	if((code != 100 && code / 100 != 2)
			|| parse_headers(reply, HDR_EOH_F, 0) < 0 || !reply->cseq
			|| get_cseq(reply)->method_id != METHOD_INVITE || !reply->callid)
		return 0;
	/* a second Via: the request is not ours, or not ours alone */
	if(!reply->via1 || reply->via1->next || reply->h_via2)
		return 0;
	/* INVITEs of the Kamailio before this one ring on for a while */
	if(code / 100 == 2 && im_stray_time())
		return 1;
	call_id = IM_SLICE(reply->callid->body);
	return atomic_get(&im_shared->invite_filter[im_hash(call_id)
												% IM_INVITE_FILTER])
		   > 0;
}

int im_on_reply(struct sip_msg *msg, unsigned flags, void *param)
{
	im_event_t source = {0};

	if(msg->first_line.type != SIP_REPLY || !is_wanted(msg))
		return 1;
	source.type = msg->first_line.u.reply.statuscode == 100 ? IM_EV_INVITE_100
															: IM_EV_INVITE_2XX;
	if(encode(msg, &source) == 0)
		im_event_send(&source);
	/* tm completes its transaction */
	return 1;
}

static void local_answer(unsigned code, im_event_t *source)
{
	im_response_t r = {0};

	r.code = code;
	r.reason = im_text(code == 408 ? "Request Timeout" : "Service Unavailable");
	r.local = 1;
	source->code = code;
	if(im_encode_response(&r, &source->payload) == 0)
		im_event_send(source);
}

void im_on_answer(struct cell *t, int type, struct tmcb_params *params)
{
	im_event_t source = {0};

	if(type & TMCB_REQUEST_SENT) {
		im_originate_sent();
		return;
	}
	if(!(type & (TMCB_LOCAL_RESPONSE_OUT | TMCB_LOCAL_COMPLETED))
			|| !params->rpl)
		return;
	/* 2xx to INVITE take their own way, copies and forks included */
	if(is_invite(t) && params->code >= 200 && params->code < 300)
		return;
	source.type = IM_EV_RESPONSE;
	source.key_id = (uint64_t)(unsigned long)*params->param;
	if(params->rpl == FAKED_REPLY)
		local_answer(params->code, &source);
	else if(encode(params->rpl, &source) == 0)
		im_event_send(&source);
	else
		local_answer(503, &source);
}
