/*
 * im_sidecar: the link process: between SIP workers and sidecars
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
#include "emit.h"
#include "event.h"
#include "guess.h"
#include "held.h"
#include "originate.h"
#include "params.h"
#include "redirect.h"
#include "shared.h"
#include "timers.h"
#include "trans.h"

#define EVENTS_AT_ONCE 256
#define SWEEP_MS 250

static im_whom_t whom_of(const im_event_t *event)
{
	im_whom_t whom = {event->slot, event->slot_known, -1};

	return whom;
}

static void on_event(im_event_t *event)
{
	switch(event->type) {
		case IM_EV_REQUEST:
			im_guess(event->guess, &event->slot);
			im_held_request(event);
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
			im_emit_spare(
					whom_of(event), IM_FIELD_REGISTRATION, event->payload);
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
	im_nodes_sweep(now);
	im_redirect_sweep(now);
	if(!im_nodes_attached())
		return;
	im_trans_sweep(now, im_nodes_since());
	im_originate_sweep(now, im_nodes_since());
}

static void publish_counters(void)
{
	im_shared->held = im_trans_pending_count();
	im_shared->accepted = im_trans_accepted_count();
	im_shared->transactions = im_trans_count();
	im_shared->keys = im_originate_key_count();
	im_shared->waiting = im_originate_waiting_count();
	im_nodes_publish();
	atomic_set(&im_shared->tight, im_originate_tight());
}

static int start(void)
{
	if(im_trans_init(im_params.max_transactions, im_params.memory_time) < 0
			|| im_originate_init() < 0)
		return -1;
	return im_nodes_start();
}

static void wait_for_work(void)
{
	struct pollfd fds[1 + IM_NODES_MAX];
	im_node_t *node;
	int i, count = 0;

	fds[count++].fd = im_pipe_fd();
	for(i = 0; i < IM_NODES_MAX; i++)
		if((node = im_node_at(i)) && node->stream)
			fds[count++].fd = im_stream_fd(node->stream);
	for(i = 0; i < count; i++)
		fds[i].events = POLLIN;
	if(poll(fds, count, im_timers_wait(im_now(), SWEEP_MS)) < 0
			&& errno != EINTR)
		LM_ERR("poll: %s\n", strerror(errno));
}

static void for_each_node(void (*what)(im_node_t *node))
{
	int i;

	for(i = 0; i < IM_NODES_MAX; i++)
		if(im_node_at(i))
			what(im_node_at(i));
}

void im_link_run(void)
{
	int64_t now, swept = 0;

	if(start() < 0) {
		LM_CRIT("the link to the sidecar cannot start\n");
		exit(-1);
	}
	for(;;) {
		im_link_beats();
		wait_for_work();
		cfg_update();
		drain_pipe();
		for_each_node(im_node_drain);
		now = im_now();
		im_timers_run(now);
		if(now - swept >= SWEEP_MS) {
			swept = now;
			sweep(now);
		}
		publish_counters();
		for_each_node(im_node_flush);
	}
}
