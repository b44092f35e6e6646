/*
 * im_sidecar: events that are another sidecar's
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "redirect.h"

#include <stdlib.h>

#include "core/dprint.h"
#include "emit.h"
#include "held.h"
#include "shared.h"
#include "trans.h"

#define REDIRECTS_MAX 4

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
	char *bytes;

	trans->redirects++;
	if(!to || trans->redirects > REDIRECTS_MAX || !trans->request.len)
		return -1;
	bytes = encode_again(trans, stage, &payload);
	if(!bytes)
		return -1;
	im_trans_set_holder(trans, to->index);
	im_emit_to(to, trans->slot, IM_FIELD_REQUEST, payload);
	free(bytes);
	return 0;
}

static void redirect_request(im_node_t *sender, const im_action_t *action)
{
	im_trans_t *trans = im_trans_find(action->transaction);
	im_node_t *to;

	if(!trans || trans->state != IM_PENDING || trans->holder != sender->index) {
		LM_INFO("nothing to redirect: '%s' has no such request\n",
				sender->name);
		return;
	}
	to = im_nodes_other(action->node, trans->slot, sender);
	if(hand_on(trans, to, action->stage) == 0)
		return;
	LM_WARN("request %s was redirected %u times, to '%.*s' at last: no sidecar"
			" takes it\n",
			trans->id, trans->redirects, action->node.len, action->node.s);
	im_held_refuse(trans);
}

static void redirect_event(im_node_t *sender, const im_action_t *action)
{
	im_stored_t *event = im_store_find(&sender->store, action->sequence);
	im_node_t *to = NULL;

	if(event && event->field != IM_FIELD_REQUEST)
		to = im_nodes_other(action->node, event->slot, sender);
	if(!to) {
		LM_INFO("event %llu of '%s' is not redirected to '%.*s'\n",
				(unsigned long long)action->sequence, sender->name,
				action->node.len, action->node.s);
		return;
	}
	event = im_store_move(&sender->store, event, &to->store);
	if(event)
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
