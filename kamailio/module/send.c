/*
 * im_sidecar: gives requests of ours to tm
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "send.h"

#include "answers.h"
#include "core/dprint.h"
#include "im_tm.h"
#include "originate.h"
#include "params.h"

/* While t_uac runs: which key, and has the request left. */
static const im_key_t *sending = NULL;
static int sent = 0;

static str to_str(im_slice_t v)
{
	str s;

	s.s = (char *)v.s;
	s.len = v.len;
	return s;
}

void im_originate_made(struct cell *t, int type, struct tmcb_params *params)
{
	unsigned first;

	if(!sending)
		return;
	first = im_params.originate_timeout;
	if(first > sending->timeout_ms)
		first = sending->timeout_ms;
	t->fr_timeout = MS_TO_TICKS(first);
	t->fr_inv_timeout = MS_TO_TICKS(sending->timeout_ms);
	t->end_of_life = get_ticks_raw() + MS_TO_TICKS(sending->timeout_ms);
}

void im_originate_sent(void)
{
	if(sending)
		sent = 1;
}

static void fill_dialog(const im_key_t *key, im_slice_t uri,
		im_slice_t next_hop, im_slice_t to_tag, dlg_t *dialog)
{
	const im_core_socket_t *core = im_core_socket_for(key->call_id);

	memset(dialog, 0, sizeof(*dialog));
	dialog->id.call_id = to_str(key->call_id);
	dialog->id.loc_tag = to_str(key->from_tag);
	dialog->id.rem_tag = to_str(to_tag);
	dialog->loc_seq.value = key->cseq;
	dialog->loc_seq.is_set = 1;
	dialog->loc_uri = to_str(key->from);
	dialog->rem_uri = to_str(key->to);
	dialog->rem_target = to_str(uri);
	dialog->state = DLG_CONFIRMED;
	if(next_hop.len) {
		dialog->dst_uri = to_str(next_hop);
	} else if(core) {
		dialog->dst_uri = to_str(core->next_hop);
		dialog->send_sock = core->socket;
	}
}

int im_send_request(im_key_t *key)
{
	str method = to_str(key->method);
	str headers = to_str(key->headers);
	str body = to_str(key->body);
	uac_req_t request;
	dlg_t dialog;
	int flags, result;

	fill_dialog(key, key->uri, key->next_hop, key->to_tag, &dialog);
	flags = TMCB_LOCAL_RESPONSE_OUT | TMCB_LOCAL_COMPLETED | TMCB_REQUEST_SENT;
	if(key->invite)
		flags |= TMCB_DONT_ACK;
	set_uac_req(&request, &method, &headers, &body, &dialog, flags,
			im_on_answer, (void *)(unsigned long)key->number);
	sending = key;
	sent = 0;
	result = im_tm.t_uac_with_ids(&request, &key->index, &key->label);
	sending = NULL;
	return result > 0 && sent ? 0 : -1;
}

int im_send_ack(const im_key_t *invite, const im_fork_t *fork)
{
	str method = str_init("ACK");
	str headers = to_str(fork->ack->headers);
	str body = to_str(fork->ack->body);
	uac_req_t request;
	dlg_t dialog;

	fill_dialog(
			invite, fork->ack->uri, fork->ack->next_hop, fork->to_tag, &dialog);
	set_uac_req(&request, &method, &headers, &body, &dialog, 0, NULL, NULL);
	return im_tm.t_uac(&request) > 0 ? 0 : -1;
}

void im_send_cancel(const im_key_t *invite)
{
	struct cell *t = NULL;

	if(im_tm.t_lookup_ident(&t, invite->index, invite->label) > 0)
		im_tm.cancel_all_uacs(t, F_CANCEL_UNREF);
	else
		LM_DBG("nothing to cancel\n");
	im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
}
