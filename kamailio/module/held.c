/*
 * im_sidecar: requests that we hold for the sidecar
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "held.h"

#include "core/dprint.h"
#include "decline.h"
#include "emit.h"
#include "hold.h"
#include "im_tm.h"
#include "params.h"
#include "reply.h"
#include "shared.h"
#include "trans.h"

#define END_GRACE_MS 500

im_whom_t im_held_whom(const im_trans_t *trans)
{
	im_whom_t whom = {trans->slot, trans->slot_known, trans->holder};

	return whom;
}

/* About a transaction that is not known: the sidecar that asks is told. */
static im_whom_t whom_of(const im_trans_t *trans, const im_action_t *action)
{
	im_whom_t whom = {0, 0, action->sender};

	if(trans)
		return im_held_whom(trans);
	whom.slot = im_slot_of_text(action->transaction);
	return whom;
}

static im_stored_t *emit_ended(
		im_whom_t whom, im_slice_t id, unsigned ordinal, unsigned code)
{
	im_slice_t payload;

	if(im_encode_reply_result(id, ordinal, code, &payload) < 0)
		return NULL;
	return im_emit(whom, IM_FIELD_TRANSACTION_ENDED, payload);
}

static void tell_end(im_trans_t *trans, unsigned code)
{
	emit_ended(im_held_whom(trans), im_text(trans->id), 0, code);
}

/* tm's timer must have ended the transaction: say so if it has. */
static void check_end(im_timer_t *timer)
{
	im_trans_t *trans = im_owner(timer, im_trans_t, timer);
	struct cell *t = NULL;
	unsigned code = 408;

	if(im_tm.t_lookup_ident(&t, trans->index, trans->label) > 0) {
		code = t->uas.status;
		im_tm.unref_cell(t);
	}
	im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	if(code < 200) {
		im_timer_set(timer, im_now() + END_GRACE_MS);
		return;
	}
	im_trans_end(trans, code);
	tell_end(trans, code);
}

/* The node that is to have it. A new one need not wait for what there is. */
static im_node_t *taker(const im_event_t *event)
{
	im_whom_t whom = {event->slot, event->slot_known, -1};

	if(!im_nodes_attached())
		return NULL;
	return event->in_dialog ? im_nodes_next_for(&whom) : im_nodes_for(&whom);
}

void im_held_request(const im_event_t *event)
{
	char id[IM_TRANSACTION_LEN];
	im_trans_t *trans, *before;
	im_node_t *node;
	int wait;

	im_transaction_write(id, event->index, event->label);
	/* a CANCEL was faster, tm has answered */
	if(im_trans_find(im_text(id)))
		return;
	before = im_trans_find_answered(event);
	node = taker(event);
	if(!node || (im_store_full(&node->store) && !before)) {
		im_reply_away(event->index, event->label, event->dialog.to_tag);
		return;
	}
	trans = im_trans_new(event, id);
	if(!trans) {
		LM_WARN("too many transactions\n");
		im_reply_away(event->index, event->label, event->dialog.to_tag);
		return;
	}
	/* to make room for this one it may have been forgotten */
	if(before && (before = im_trans_find_answered(event))) {
		im_hold_repeat(trans, before);
		return;
	}
	wait = trans->invite ? im_params.invite_timeout : im_params.request_timeout;
	trans->timer.fire = check_end;
	im_timer_set(&trans->timer, im_now() + wait + END_GRACE_MS);
	im_trans_set_holder(trans, node->index);
	if(im_nodes_are_several()
			&& im_trans_keep_request(trans, event->payload) < 0)
		LM_ERR("out of memory, a request cannot be redirected\n");
	im_emit_to(node, event->slot, IM_FIELD_REQUEST, event->payload);
}

void im_held_cancelled(const im_event_t *event)
{
	char id[IM_TRANSACTION_LEN];
	im_slice_t payload;
	im_trans_t *trans;

	im_transaction_write(id, event->index, event->label);
	trans = im_trans_find(im_text(id));
	if(!trans) {
		/* the request itself is still to come: it need not go up */
		trans = im_trans_new(event, id);
		if(trans) {
			im_trans_end(trans, 487);
			trans->cancelled = 1;
		}
		return;
	}
	/* tm does the same just now; one of us is first */
	if(trans->state == IM_PENDING
			&& im_reply_local(trans, 487, "Request Terminated") != 487) {
		tell_end(trans, trans->code);
		return;
	}
	if(trans->state != IM_ENDED || trans->code != 487 || trans->final_sent
			|| trans->cancelled)
		return;
	trans->cancelled = 1;
	if(im_encode_cancelled(im_text(trans->id), &payload) == 0)
		im_emit(im_held_whom(trans), IM_FIELD_CANCELLED, payload);
}

void im_held_ack(const im_event_t *event)
{
	char id[IM_TRANSACTION_LEN];
	im_trans_t *trans;

	im_transaction_write(id, event->index, event->label);
	trans = im_trans_find(im_text(id));
	if(trans)
		im_hold_acked(trans, event->payload, 0);
}

void im_held_ack_by_dialog(const im_event_t *event)
{
	im_trans_t *trans = im_trans_find_dialog(&event->dialog, 1);
	im_whom_t whom = {event->slot, event->slot_known, -1};

	if(trans)
		im_hold_acked(trans, event->payload, 1);
	else if(im_nodes_attached())
		im_emit_spare(whom, IM_FIELD_ACKNOWLEDGED, event->payload);
}

static im_stored_t *emit_outcome(
		im_whom_t whom, im_slice_t id, const im_outcome_t *outcome)
{
	im_slice_t payload;

	if(!outcome->sent)
		return emit_ended(whom, id, outcome->ordinal, outcome->code);
	if(im_encode_reply_result(id, outcome->ordinal, outcome->code, &payload)
			< 0)
		return NULL;
	return im_emit(whom, IM_FIELD_REPLY_SENT, payload);
}

/* A quiet reply is over with what has been told before it. */
static void conclude(
		im_trans_t *trans, const im_action_t *action, unsigned code, int sent)
{
	im_outcome_t outcome = {action->ordinal, code, sent};
	im_stored_t *told;

	if(trans && im_trans_add_outcome(trans, action->ordinal, code, sent) < 0)
		LM_WARN("too many replies to %s\n", trans->id);
	told = action->quiet ? im_emit_latest(action->sender)
						 : emit_outcome(whom_of(trans, action),
								 action->transaction, &outcome);
	if(trans && action->quiet && !told)
		im_trans_over(trans);
	else if(trans)
		im_trans_told(trans, told);
}

/* tm knows a transaction for some seconds after its end, a client whose answer
 * was lost asks for 32. */
static int is_kept(const im_trans_t *trans, unsigned code)
{
	if(trans->invite)
		return trans->cell != NULL;
	return code >= 200 && trans->dialog_key;
}

static void send_reply(im_trans_t *trans, const im_action_t *action)
{
	im_answer_t *copy = im_hold_copy(action);
	im_reply_t reply = {0};
	unsigned ended;

	if(!copy
			|| (action->to_tag.len
					&& im_trans_set_to_tag(trans, action->to_tag) < 0)) {
		im_hold_free(copy);
		conclude(trans, action,
				im_reply_local(trans, 500, "Server Internal Error"), 0);
		return;
	}
	reply.code = copy->code;
	reply.reason = copy->reason;
	reply.headers = copy->headers;
	reply.body = copy->body;
	reply.record_route = copy->record_route;
	ended = im_reply_send(trans, &reply);
	if(!ended && is_kept(trans, reply.code))
		trans->answer = copy;
	else
		im_hold_free(copy);
	if(trans->cell)
		im_hold_start(trans);
	if(ended) {
		im_trans_end(trans, ended);
		conclude(trans, action, ended, 0);
		return;
	}
	trans->final_sent = reply.code >= 200;
	if(reply.code >= 200 && !trans->cell)
		im_trans_end(trans, reply.code);
	conclude(trans, action, reply.code, 1);
}

void im_held_reply(const im_action_t *action)
{
	im_trans_t *trans = im_trans_find(action->transaction);
	const im_outcome_t *before;
	const char *wrong;
	unsigned code;

	if(!trans) {
		conclude(NULL, action, 408, 0);
		return;
	}
	im_trans_set_holder(trans, action->sender);
	if(action->slot > 0 && action->slot <= IM_SLOTS) {
		trans->slot = (int)action->slot - 1;
		trans->slot_known = 1;
	}
	before = im_trans_outcome(trans, action->ordinal);
	if(before) {
		if(!action->quiet)
			emit_outcome(im_held_whom(trans), action->transaction, before);
		return;
	}
	if(trans->state != IM_PENDING) {
		code = trans->code ? trans->code : 408;
		conclude(trans, action, code, 0);
		return;
	}
	code = im_hold_check(action, trans, &wrong);
	if(code) {
		LM_ERR("reply %u to %s: %s\n", action->ordinal, trans->id, wrong);
		code = im_reply_local(trans, code,
				code == 513 ? "Message Too Large" : "Server Internal Error");
		conclude(trans, action, code, 0);
		return;
	}
	send_reply(trans, action);
}

static void hand_back(im_trans_t *trans, im_relay_t *relay)
{
	if(im_decline(trans, relay) == 0) {
		im_trans_end(trans, 0);
		return;
	}
	tell_end(trans, im_reply_local(trans, 500, "Server Internal Error"));
}

void im_held_decline(const im_action_t *action)
{
	im_trans_t *trans = im_trans_find(action->transaction);

	if(!trans || trans->state != IM_PENDING) {
		LM_INFO("nothing to decline\n");
		return;
	}
	hand_back(trans, NULL);
}

void im_held_relay(const im_action_t *action)
{
	im_trans_t *trans = im_trans_find(action->transaction);
	const char *wrong;
	im_relay_t *relay;

	if(!trans) {
		emit_ended(whom_of(NULL, action), action->transaction, 0, 408);
		return;
	}
	if(trans->state != IM_PENDING) {
		/* without a code it has gone on */
		if(trans->code)
			tell_end(trans, trans->code);
		return;
	}
	wrong = im_relay_check(action);
	relay = wrong ? NULL : im_relay_new(action);
	if(relay) {
		hand_back(trans, relay);
		return;
	}
	LM_ERR("relay of %s: %s\n", trans->id, wrong ? wrong : "out of memory");
	tell_end(trans, im_reply_local(trans, 500, "Server Internal Error"));
}

void im_held_refuse(im_trans_t *trans)
{
	tell_end(trans, im_reply_local(trans, 503, "Service Unavailable"));
}

void im_held_give_up(int node)
{
	im_trans_t *trans, *next;
	int count = 0;

	for(trans = im_trans_pending(); trans; trans = next) {
		next = trans->next;
		if(trans->holder != node)
			continue;
		im_held_refuse(trans);
		count++;
	}
	if(count)
		LM_WARN("%d requests answered 503\n", count);
}
