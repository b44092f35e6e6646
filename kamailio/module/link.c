/*
 * im_sidecar: the link process: between SIP workers and sidecar
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "event.h"
#include "held.h"
#include "hello.h"
#include "originate.h"
#include "params.h"
#include "shared.h"
#include "store.h"
#include "stream.h"
#include "timers.h"
#include "trans.h"

#define EVENTS_AT_ONCE 256
#define SWEEP_MS 250
#define HELLO_TIMEOUT_MS 5000
#define PAUSE_MAX_MS 1000

static im_stream_t *stream = NULL;
static unsigned generation = 0; /* of the open call; 0: none */
static int attached = 0;
static int64_t attached_at = 0;
static im_store_t store;
static im_timer_t hello_timer;

int im_link_attached(void)
{
	return attached;
}

static void send_bytes(const char *bytes, int len)
{
	if(im_stream_send(stream, generation, im_slice(bytes, len)) < 0) {
		LM_ERR("out of memory, the stream starts anew\n");
		im_stream_reset(stream, generation);
	}
}

uint64_t im_link_emit_with(int field, im_slice_t payload, im_extra_t extra)
{
	const im_stored_t *e = im_store_add(&store, field, payload, extra);

	if(!e) {
		im_shared->lost_events++;
		LM_ERR("the sidecar confirms nothing: an event is lost\n");
		return 0;
	}
	if(attached)
		send_bytes(e->bytes, e->len);
	return e->sequence;
}

uint64_t im_link_emit(int field, im_slice_t payload)
{
	im_extra_t none = {0};

	return im_link_emit_with(field, payload, none);
}

uint64_t im_link_latest(void)
{
	return store.sequence;
}

void im_link_emit_spare(int field, im_slice_t payload)
{
	if(!im_store_full(&store))
		im_link_emit(field, payload);
	else
		im_shared->lost_events++;
}

static void send_hello(void)
{
	char *bytes;
	int len;

	bytes = im_hello_write(store.last ? store.last->sequence : 0, &len);
	if(!bytes) {
		im_stream_reset(stream, generation);
		return;
	}
	send_bytes(bytes, len);
	free(bytes);
}

static void hello_missing(im_timer_t *timer)
{
	LM_ERR("no NodeHello from the sidecar in %d ms\n", HELLO_TIMEOUT_MS);
	im_stream_reset(stream, generation);
}

static void opened(unsigned call)
{
	generation = call;
	attached = 0;
	hello_timer.fire = hello_missing;
	im_timer_set(&hello_timer, im_now() + HELLO_TIMEOUT_MS);
	send_hello();
}

static void lost(im_slice_t why)
{
	int was_attached = attached;

	atomic_set(&im_shared->up, 0);
	attached = 0;
	generation = 0;
	im_timer_clear(&hello_timer);
	LM_WARN("stream to the sidecar ended: %.*s\n", why.len, why.s);
	if(!was_attached)
		return;
	im_held_give_up();
	/* Each of them has its final reply now. Sent again it would be taken for
	 * a new one, and phones would ring for a session that has failed. */
	im_store_forget(&store, IM_FIELD_REQUEST);
}

static void send_unconfirmed(void)
{
	const im_stored_t *e;

	for(e = store.first; e; e = e->next)
		send_bytes(e->bytes, e->len);
}

static int on_hello(const im_action_t *hello)
{
	if(attached) {
		LM_ERR("a second NodeHello on one stream\n");
		return -1;
	}
	if(hello->protocol_version != IM_PROTOCOL_VERSION) {
		LM_ERR("the sidecar speaks version %u of the contract, we %d\n",
				hello->protocol_version, IM_PROTOCOL_VERSION);
		return -1;
	}
	im_timer_clear(&hello_timer);
	im_shared_set_node(hello);
	attached = 1;
	attached_at = im_now();
	im_shared->attached_times++;
	send_unconfirmed();
	atomic_set(&im_shared->up, 1);
	LM_NOTICE("sidecar '%.*s' (%.*s) attached, %d events sent again\n",
			hello->node.len, hello->node.s, hello->server_version.len,
			hello->server_version.s, store.count);
	return 0;
}

/* What they told is saved: the sidecar asks for none of it again. */
static void on_confirm(uint64_t sequence)
{
	/* one that was not given yet confirms nothing */
	if(sequence > store.sequence)
		return;
	im_store_confirm(&store, sequence);
	im_trans_confirm(sequence);
	im_originate_confirmed(sequence);
	im_shared->confirmed = sequence;
}

static int act(const im_action_t *action)
{
	if(action->type == IM_ACT_HELLO)
		return on_hello(action);
	if(!attached) {
		LM_ERR("the sidecar acts before its NodeHello\n");
		return -1;
	}
	switch(action->type) {
		case IM_ACT_REPLY:
			im_held_reply(action);
			break;
		case IM_ACT_DECLINE:
			im_held_decline(action);
			break;
		case IM_ACT_RELAY:
			im_held_relay(action);
			break;
		case IM_ACT_ORIGINATE:
			im_originate(action);
			break;
		case IM_ACT_CANCEL:
			im_originate_cancel(action);
			break;
		case IM_ACT_ACK:
			im_originate_ack(action);
			break;
		case IM_ACT_CONFIRM:
			on_confirm(action->sequence);
			break;
		case IM_ACT_PAUSE:
			im_shared->paused_until =
					im_now()
					+ (action->pause_ms < PAUSE_MAX_MS ? action->pause_ms
													   : PAUSE_MAX_MS);
			break;
		default:
			LM_WARN("an action that this version does not know\n");
			break;
	}
	return 0;
}

static void on_batch(im_slice_t bytes)
{
	im_batch_t *batch = im_batch_decode(bytes);
	im_action_t action;

	if(!batch) {
		LM_ERR("%d bytes from the sidecar are no SipActionBatch\n", bytes.len);
		im_stream_reset(stream, generation);
		return;
	}
	while(im_batch_next(batch, &action))
		if(act(&action) < 0) {
			im_stream_reset(stream, generation);
			break;
		}
	im_batch_free(batch);
}

static void drain_stream(void)
{
	im_stream_item_t item;

	while(im_stream_next(stream, &item)) {
		if(item.type == IM_STREAM_OPENED)
			opened(item.generation);
		else if(item.type == IM_STREAM_TROUBLE)
			LM_WARN("no stream to the sidecar: %.*s\n", item.bytes.len,
					item.bytes.s);
		else if(item.generation != generation)
			LM_DBG("an item of a call that has ended\n");
		else if(item.type == IM_STREAM_BATCH)
			on_batch(item.bytes);
		else
			lost(item.bytes);
		im_stream_release(&item);
	}
}

static void on_event(im_event_t *event)
{
	switch(event->type) {
		case IM_EV_REQUEST:
			im_held_request(event, im_store_full(&store));
			break;
		case IM_EV_CANCELLED:
			im_held_cancelled(event);
			break;
		case IM_EV_ACK:
			im_held_ack(event);
			break;
		case IM_EV_ACK_DIALOG:
			im_held_ack_by_dialog(event);
			break;
		case IM_EV_RESPONSE:
			im_originate_response(event);
			break;
		case IM_EV_INVITE_2XX:
			im_originate_accepted(event);
			break;
		case IM_EV_INVITE_100:
		case IM_EV_READ:
			im_originate_read(event);
			break;
		case IM_EV_REGISTRATION:
			im_link_emit_spare(IM_FIELD_REGISTRATION, event->payload);
			break;
	}
	im_event_free(event);
}

static void drain_pipe(void)
{
	im_event_t *events[EVENTS_AT_ONCE];
	int i, count;

	count = im_pipe_pop(events, EVENTS_AT_ONCE);
	for(i = 0; i < count; i++)
		on_event(events[i]);
}

/* A sidecar that was away for long repeats what it does not know to be done:
 * until then nothing is forgotten, or it would be done twice. */
static void sweep(int64_t now)
{
	if(!attached)
		return;
	im_trans_sweep(now, attached_at);
	im_originate_sweep(now, attached_at);
}

static void publish_counters(void)
{
	im_shared->held = im_trans_pending_count();
	im_shared->accepted = im_trans_accepted_count();
	im_shared->transactions = im_trans_count();
	im_shared->keys = im_originate_key_count();
	im_shared->waiting = im_originate_waiting_count();
	im_shared->unconfirmed = store.count;
	im_shared->unconfirmed_bytes = store.bytes;
	im_shared->sequence = store.sequence;
	atomic_set(&im_shared->full, im_store_full(&store));
	atomic_set(&im_shared->tight, im_originate_tight());
}

static int start(void)
{
	im_stream_options_t options = {0};

	/* strings of modparams end with 0 */
	options.target = im_params.target.s;
	if(im_params.tls_ca.len > 0 && strncmp(options.target, "unix:", 5)) {
		options.tls_ca = im_params.tls_ca.s;
		options.tls_certificate = im_params.tls_certificate.s;
		options.tls_key = im_params.tls_key.s;
		options.tls_name = im_params.tls_name.s;
	}
	options.keepalive_ms = im_params.keepalive_ms;
	options.keepalive_timeout_ms = im_params.keepalive_timeout_ms;
	options.max_batch_bytes = im_params.max_batch_bytes;
	im_store_init(&store, im_params.max_events, im_params.max_event_bytes);
	if(im_trans_init(im_params.max_transactions, im_params.memory_time) < 0
			|| im_originate_init() < 0)
		return -1;
	stream = im_stream_start(&options);
	return stream ? 0 : -1;
}

void im_link_run(void)
{
	struct pollfd fds[2];
	int64_t now, swept = 0;

	if(start() < 0) {
		LM_CRIT("the link to the sidecar cannot start\n");
		exit(-1);
	}
	fds[0].fd = im_pipe_fd();
	fds[1].fd = im_stream_fd(stream);
	fds[0].events = fds[1].events = POLLIN;
	for(;;) {
		im_link_beats();
		if(poll(fds, 2, im_timers_wait(im_now(), SWEEP_MS)) < 0
				&& errno != EINTR)
			LM_ERR("poll: %s\n", strerror(errno));
		cfg_update();
		drain_pipe();
		drain_stream();
		now = im_now();
		im_timers_run(now);
		if(now - swept >= SWEEP_MS) {
			swept = now;
			sweep(now);
		}
		publish_counters();
		im_stream_flush(stream);
	}
}
