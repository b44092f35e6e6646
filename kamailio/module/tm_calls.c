/*
 * im_sidecar: CANCEL and ACK for requests that we hold
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tm_calls.h"

#include "core/dprint.h"
#include "event.h"
#include "params.h"
#include "slot.h"
#include "sip_view.h"

static void on_cancel(struct cell *t)
{
	im_event_t source = {0};

	/* tm answers 487 next; its copies need not outlive a normal ACK */
	t->fr_timeout = MS_TO_TICKS(im_params.hold_timeout);
	source.type = IM_EV_CANCELLED;
	source.index = t->hash_index;
	source.label = t->label;
	im_event_send(&source);
}

static int send_ack(struct sip_msg *msg, im_event_t *source)
{
	im_sip_view_t view;

	if(im_sip_view(msg, NULL, &view) < 0)
		return -1;
	source->dialog = view.dialog;
	source->slot_known = im_slot_of_request(
			IM_SLICE(*GET_RURI(msg)), view.dialog.call_id, &source->slot);
	if(im_encode_acknowledged(&view.dialog, view.headers, view.header_count,
			   view.body, &source->payload)
			< 0)
		return -1;
	return im_event_send(source);
}

static void on_ack(struct cell *t, struct sip_msg *ack)
{
	im_event_t source = {0};

	if(t->uas.status < 200 || t->uas.status >= 300 || !ack
			|| ack == FAKED_REPLY)
		return;
	source.type = IM_EV_ACK;
	source.index = t->hash_index;
	source.label = t->label;
	send_ack(ack, &source);
}

static void on_tm_call(struct cell *t, int type, struct tmcb_params *params)
{
	if(type & TMCB_E2ECANCEL_IN)
		on_cancel(t);
	else if(type & TMCB_ACK_NEG_IN)
		on_ack(t, params->req);
}

int im_tm_calls_register(struct sip_msg *msg, struct cell *t)
{
	if(im_tm.register_tmcb(msg, t, TMCB_E2ECANCEL_IN | TMCB_ACK_NEG_IN,
			   on_tm_call, NULL, NULL)
			> 0)
		return 0;
	LM_ERR("cannot register tm callbacks\n");
	return -1;
}

int im_ack(struct sip_msg *msg)
{
	im_event_t source = {0};

	if(msg->first_line.type != SIP_REQUEST || msg->REQ_METHOD != METHOD_ACK)
		return -1;
	source.type = IM_EV_ACK_DIALOG;
	return send_ack(msg, &source) == 0 ? 1 : -1;
}
