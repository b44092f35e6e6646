/*
 * im_sidecar: events that are another sidecar's
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "redirect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "emit.h"
#include "guess.h"
#include "held.h"
#include "nodes.h"
#include "shared.h"
#include "trans.h"

#define REDIRECTS_MAX 4
#define AWAY_MS 8000 /* a sidecar is missed and replaced in less */
#define WAITING_MAX 8192

/* A request for a sidecar that is away. */
typedef struct im_waiting
{
	struct im_waiting *next;
	int64_t until;
	uint64_t version; /* of the table of nodes when it was looked at last */
	int sender;
	char id[48];
	im_slice_t name;
	im_slice_t stage;
	char text[];
} im_waiting_t;

static im_waiting_t *waiting = NULL;
static int waiting_count = 0;

/* The request as it came, what the sender has decided, and how often. */
static char *encode_again(
		const im_trans_t *trans, im_slice_t stage, im_slice_t *payload)
{
	int size = trans->request.len + im_frame_field_size(IM_REQUEST_STAGE, stage)
			   + IM_FRAME_NUMBER_MAX;
	char *bytes = malloc(size), *p = bytes;

	if(!bytes)
		return NULL;
	memcpy(p, trans->request.s, trans->request.len);
	p = im_frame_field_write(p + trans->request.len, IM_REQUEST_STAGE, stage);
	p = im_frame_number_write(p, IM_REQUEST_REDIRECTS, trans->redirects);
	*payload = im_slice(bytes, (int)(p - bytes));
	return bytes;
}

static int hand_on(im_trans_t *trans, im_node_t *to, im_slice_t stage)
{
	im_slice_t payload;
	im_stored_t *event = NULL;
	char *bytes;

	if(im_store_full(&to->store))
		return -1;
	bytes = encode_again(trans, stage, &payload);
	if(bytes)
		event = im_emit_to(to, trans->slot, IM_FIELD_REQUEST, payload);
	free(bytes);
	if(!event)
		return -1;
	im_trans_set_holder(trans, to->index);
	return 0;
}

static int set_aside(
		im_trans_t *trans, const im_node_t *sender, const im_action_t *action)
{
	im_waiting_t *w;

	if(waiting_count == WAITING_MAX)
		return -1;
	w = malloc(sizeof(*w) + action->node.len + action->stage.len);
	if(!w)
		return -1;
	memcpy(w->text, action->node.s, action->node.len);
	memcpy(w->text + action->node.len, action->stage.s, action->stage.len);
	w->name = im_slice(w->text, action->node.len);
	w->stage = im_slice(w->text + action->node.len, action->stage.len);
	snprintf(w->id, sizeof(w->id), "%s", trans->id);
	w->sender = sender->index;
	w->until = im_now() + AWAY_MS;
	w->version = im_nodes_version();
	w->next = waiting;
	waiting = w;
	waiting_count++;
	im_trans_set_holder(trans, -1);
	return 0;
}

/* What nobody has decided on yet begins where the next one is to begin. */
static void learn(const im_trans_t *trans, const im_action_t *action)
{
	if(trans->guess && !action->stage.len && action->slot > 0
			&& action->slot <= IM_SLOTS)
		im_guess_learn(trans->guess, (int)action->slot - 1);
}

static void redirect_request(im_node_t *sender, const im_action_t *action)
{
	im_trans_t *trans = im_trans_find(action->transaction);
	im_node_t *to;
	int done;

	if(!trans || trans->state != IM_PENDING || trans->holder != sender->index) {
		LM_INFO("nothing to redirect: '%s' has no such request\n",
				sender->name);
		return;
	}
	learn(trans, action);
	to = im_nodes_named(action->node);
	if(++trans->redirects > REDIRECTS_MAX || !trans->request.len)
		done = -1;
	else if(im_nodes_usable(to))
		done = hand_on(trans, to, action->stage);
	else
		done = set_aside(trans, sender, action);
	if(done == 0)
		return;
	LM_WARN("request %s was redirected %u times, to '%.*s' at last: no sidecar"
			" takes it\n",
			trans->id, trans->redirects, action->node.len, action->node.s);
	im_held_refuse(trans);
}

/* 1: it does not wait any more. Who has sent it there may have replaced that one
 * himself, and knows it by the table. */
static int look_again(im_waiting_t *w, int64_t now)
{
	im_trans_t *trans = im_trans_find(im_text(w->id));
	im_node_t *to = im_nodes_named(w->name);

	if(!trans || trans->state != IM_PENDING || trans->holder >= 0)
		return 1;
	if(!im_nodes_usable(to)) {
		to = w->version != im_nodes_version() ? im_node_at(w->sender) : NULL;
		if(im_nodes_usable(to) && trans->redirects)
			trans->redirects--;
	}
	if(im_nodes_usable(to) && hand_on(trans, to, w->stage) == 0)
		return 1;
	w->version = im_nodes_version();
	if(now < w->until)
		return 0;
	LM_WARN("request %s: sidecar '%.*s' stays away\n", trans->id, w->name.len,
			w->name.s);
	im_held_refuse(trans);
	return 1;
}

void im_redirect_sweep(int64_t now)
{
	im_waiting_t *all = waiting, *w;

	waiting = NULL;
	while((w = all)) {
		all = w->next;
		if(look_again(w, now)) {
			free(w);
			waiting_count--;
		} else {
			w->next = waiting;
			waiting = w;
		}
	}
}

static void redirect_event(im_node_t *sender, const im_action_t *action)
{
	im_stored_t *event = im_store_find(&sender->store, action->sequence);
	im_node_t *to = NULL;

	/* it waits there for one that is away */
	if(event && event->field != IM_FIELD_REQUEST)
		to = im_nodes_named(action->node);
	if(event && event->field != IM_FIELD_REQUEST && !to)
		to = im_nodes_other(action->node, event->slot, sender);
	if(!to) {
		LM_INFO("event %llu of '%s' is not redirected to '%.*s'\n",
				(unsigned long long)action->sequence, sender->name,
				action->node.len, action->node.s);
		return;
	}
	if(!to->attached && im_store_full(&to->store)) {
		LM_WARN("too much waits for '%s': an event is lost\n", to->name);
		im_shared->lost_events++;
		return;
	}
	event = im_store_move(&sender->store, event, &to->store);
	if(event && to->attached)
		im_node_send(to, event);
}

void im_redirect(im_node_t *sender, const im_action_t *action)
{
	if(im_slice_eq(action->node, im_text(sender->name))) {
		LM_INFO("'%s' redirects to itself\n", sender->name);
		return;
	}
	im_shared->nodes[sender->index].redirected++;
	if(action->transaction.len)
		redirect_request(sender, action);
	else
		redirect_event(sender, action);
}
