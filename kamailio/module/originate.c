/*
 * im_sidecar: requests of ours
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "originate.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/dprint.h"
#include "direct.h"
#include "emit.h"
#include "keys.h"
#include "originate_check.h"
#include "params.h"
#include "restore.h"
#include "send.h"
#include "shared.h"
#include "window.h"

#define INVITE_TIMEOUT_MS 120000
#define NON_INVITE_TIMEOUT_MS 32000
#define TIMEOUT_MAX_MS 600000
#define END_GRACE_MS 5000
#define READ_GRACE_MS 1000
#define WAITING_BYTES_MAX (256L << 20) /* for their windows, all together */

static im_stored_t *emit_response(
		int sender, im_slice_t name, im_slice_t response)
{
	im_whom_t whom = {im_slot_of_key(name), 1, sender};
	im_extra_t extra;

	extra.field = IM_RESPONSE_ACTION_KEY;
	extra.value = name;
	return im_emit_with(whom, IM_FIELD_RESPONSE, response, extra);
}

/* A response that the link makes itself. */
static int encode_local(unsigned code, const char *reason, im_slice_t *response)
{
	im_response_t r = {0};

	r.code = code;
	r.reason = im_text(reason);
	r.local = 1;
	return im_encode_response(&r, response);
}

/* What asks nothing of the network is answered by the link alone. */
static void answer(
		int sender, im_slice_t name, unsigned code, const char *reason)
{
	im_slice_t response;

	if(encode_local(code, reason, &response) == 0)
		emit_response(sender, name, response);
}

static void send_waiting(int window);

/* What came for that key: kept, told, and the end of it if it is final. */
static void conclude(im_key_t *key, unsigned code, im_slice_t response)
{
	int window = key->window;
	im_stored_t *told;

	if(im_key_keep_latest(key, response) < 0)
		LM_ERR("out of memory, a response is not kept\n");
	told = emit_response(key->holder, key->name, response);
	im_window_leave(key);
	if(code >= 200)
		im_key_end(key, told);
	if(window >= 0)
		send_waiting(window);
}

static void conclude_local(im_key_t *key, unsigned code, const char *reason)
{
	im_slice_t response;

	im_key_free_content(key);
	if(encode_local(code, reason, &response) == 0)
		conclude(key, code, response);
	else
		im_key_end(key, NULL);
}

/* tm should have answered long ago. */
static void no_answer(im_timer_t *timer)
{
	conclude_local(im_owner(timer, im_key_t, timer), 408, "Request Timeout");
}

void im_originate_filter(im_key_t *key, int add)
{
	atomic_t *slot =
			&im_shared->invite_filter[im_hash(key->call_id) % IM_INVITE_FILTER];

	if(add)
		atomic_inc(slot);
	else
		atomic_dec(slot);
	key->filtered = add;
}

static void forgotten(im_key_t *key)
{
	if(key->filtered)
		im_originate_filter(key, 0);
}

int im_originate_init(void)
{
	im_keys_on_forget(forgotten);
	return im_keys_init(im_params.max_keys, im_params.memory_time);
}

/* Peers that answer nothing must not keep the window from everybody else: when
 * half of it is used the workers tell what they have read. */
static void expect_read(im_key_t *key)
{
	if(key->window < 0 || (!key->dialog_key && im_key_list_dialog(key) < 0))
		return;
	atomic_set(&im_shared->tight, 1);
}

static void send_now(im_key_t *key)
{
	int result;

	key->state = IM_KEY_SENT;
	key->timer.fire = no_answer;
	im_timer_set(&key->timer, im_now() + key->timeout_ms + END_GRACE_MS);
	if(key->invite)
		im_originate_filter(key, 1);
	else if(im_window_tight())
		expect_read(key);
	result = im_send_request(key);
	im_key_free_content(key);
	if(result < 0) {
		LM_WARN("request %.*s could not be sent\n", key->name.len, key->name.s);
		conclude_local(key, 503, "Service Unavailable");
	}
}

/* One that cannot be sent makes room for the next at once: in this loop, not one
 * level deeper for each of them. */
static void send_waiting(int window)
{
	static int busy = 0;
	im_key_t *key;

	if(busy)
		return;
	busy = 1;
	while((key = im_window_next(window, im_params.window_bytes)))
		send_now(key);
	busy = 0;
}

static void set_timeout(im_key_t *key)
{
	if(!key->invite)
		key->timeout_ms = im_params.originate_timeout < NON_INVITE_TIMEOUT_MS
								  ? im_params.originate_timeout
								  : NON_INVITE_TIMEOUT_MS;
	else if(!key->timeout_ms)
		key->timeout_ms = INVITE_TIMEOUT_MS;
	else if(key->timeout_ms > TIMEOUT_MAX_MS)
		key->timeout_ms = TIMEOUT_MAX_MS;
}

static im_slice_t hop_of(const im_key_t *key)
{
	const im_core_socket_t *core;

	if(key->next_hop.len)
		return key->next_hop;
	core = im_core_socket_for(key->call_id);
	return core ? core->next_hop : im_slice(NULL, 0);
}

void im_originate(const im_action_t *action)
{
	im_key_t *key = im_key_find(action->action_key);
	im_originate_verdict_t verdict;
	im_action_t straight = *action;

	if(key) {
		key->holder = action->sender;
		if(key->latest.len)
			emit_response(key->holder, key->name, key->latest);
		return;
	}
	if(action->to_tag.len)
		im_direct_hop(&straight, im_action_size(action));
	im_originate_check(&straight, &verdict);
	if(!verdict.keepable) {
		LM_ERR("Originate: %s\n", verdict.wrong);
		answer(action->sender,
				im_slice(action->action_key.s,
						action->action_key.len > IM_KEY_MAX
								? IM_KEY_MAX
								: action->action_key.len),
				verdict.code, verdict.wrong);
		return;
	}
	key = im_key_new(&straight);
	if(!key || (key->invite && im_key_list_dialog(key) < 0)) {
		LM_WARN("too many action keys\n");
		if(key)
			conclude_local(key, 503, "Service Unavailable");
		else
			answer(action->sender, action->action_key, 503,
					"Service Unavailable");
		return;
	}
	set_timeout(key);
	key->direct = straight.next_hop.len > action->next_hop.len;
	if(verdict.code) {
		LM_ERR("Originate %.*s: %s\n", key->name.len, key->name.s,
				verdict.wrong);
		conclude_local(key, verdict.code, verdict.wrong);
		return;
	}
	if(im_window_waiting_bytes() > WAITING_BYTES_MAX
			|| im_originate_content(key, action) < 0) {
		conclude_local(key, 503, "Service Unavailable");
		return;
	}
	if(verdict.udp
			|| im_window_enter(
					key, hop_of(key), verdict.bytes, im_params.window_bytes))
		send_now(key);
}

void im_originate_cancel(const im_action_t *action)
{
	im_key_t *key = im_key_find(action->invite_key);

	if(!key || !key->invite || key->state == IM_KEY_ENDED) {
		answer(action->sender, action->action_key, 481,
				"Call/Transaction Does Not Exist");
		return;
	}
	answer(action->sender, action->action_key, 200, "OK");
	if(key->state == IM_KEY_WAITING) {
		im_window_abandon(key);
		conclude_local(key, 487, "Request Terminated");
		return;
	}
	im_send_cancel(key);
}

void im_originate_ack(const im_action_t *action)
{
	im_key_t *key = im_key_find(action->invite_key);
	im_fork_t *fork = key ? im_key_fork(key, action->to_tag)
						  : im_restore_fork(action, &key);
	im_action_t straight = *action;
	const char *wrong;

	if(!fork) {
		LM_WARN("Ack for an INVITE or a 2xx that is not known\n");
		answer(action->sender, action->action_key, 481,
				"Call/Transaction Does Not Exist");
		return;
	}
	/* done before; copies of the 2xx get it again by themselves */
	if(fork->ack) {
		answer(action->sender, action->action_key, 200, "OK");
		return;
	}
	im_direct_hop(&straight, im_action_size(action));
	wrong = im_ack_check(&straight);
	if(wrong) {
		LM_ERR("Ack: %s\n", wrong);
		answer(action->sender, action->action_key, 400, wrong);
		return;
	}
	if(im_fork_keep_ack(fork, &straight) < 0) {
		LM_ERR("out of memory, an ACK is not kept\n");
		return;
	}
	if(im_send_ack(key, fork) < 0)
		LM_ERR("ACK could not be sent; the next copy of the 2xx brings it\n");
	answer(action->sender, action->action_key, 200, "OK");
}

void im_originate_response(const im_event_t *event)
{
	im_key_t *key = im_key_find_number(event->key_id);

	if(key && key->state == IM_KEY_SENT)
		conclude(key, event->code, event->payload);
}

void im_originate_accepted(const im_event_t *event)
{
	im_key_t *key = im_key_find_dialog(&event->dialog);
	im_whom_t whom = {im_slot_of_call_id(event->dialog.call_id), 1, -1};
	im_fork_t *fork;

	if(!key) {
		if(im_stray_time())
			im_emit_spare(whom, IM_FIELD_RESPONSE, event->payload);
		return;
	}
	fork = im_key_fork(key, event->dialog.to_tag);
	if(fork) {
		if(fork->ack && im_send_ack(key, fork) < 0)
			LM_ERR("ACK could not be sent again\n");
		return;
	}
	if(!im_key_add_fork(key, event->dialog.to_tag)) {
		LM_WARN("too many forks of one INVITE\n");
		return;
	}
	conclude(key, event->code, event->payload);
}

static void free_window(im_key_t *key)
{
	int window = key->window;

	im_window_leave(key);
	send_waiting(window);
}

static void grace_over(im_timer_t *timer)
{
	im_key_t *key = im_owner(timer, im_key_t, grace);

	if(key->window >= 0 && key->state == IM_KEY_SENT)
		free_window(key);
}

/* An INVITE by its 100, another by the worker that has read it: that one may be
 * answered at once, which keeps us from sending more than its peer takes. */
void im_originate_read(const im_event_t *event)
{
	im_key_t *key = im_key_find_dialog(&event->dialog);

	if(!key || key->window < 0 || key->state != IM_KEY_SENT)
		return;
	if(key->invite) {
		free_window(key);
		return;
	}
	key->grace.fire = grace_over;
	im_timer_set(&key->grace, im_now() + READ_GRACE_MS);
}

void im_originate_sweep(int64_t now, int64_t since)
{
	im_keys_sweep(now, since);
}

int im_originate_key_count(void)
{
	return im_keys_count();
}

int im_originate_tight(void)
{
	return im_window_tight();
}

int im_originate_waiting_count(void)
{
	return im_window_waiting();
}
