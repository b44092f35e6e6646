/*
 * im_sidecar: does what a sidecar asks for
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "perform.h"

#include "core/dprint.h"
#include "held.h"
#include "nodes.h"
#include "originate.h"
#include "redirect.h"
#include "shared.h"

#define PAUSE_MAX_MS 1000

static int on_hello(im_node_t *sender, const im_action_t *hello)
{
	if(sender->attached) {
		LM_ERR("a second NodeHello on one stream\n");
		return -1;
	}
	if(hello->protocol_version != IM_PROTOCOL_VERSION) {
		LM_ERR("the sidecar speaks version %u of the contract, we %d\n",
				hello->protocol_version, IM_PROTOCOL_VERSION);
		return -1;
	}
	im_nodes_hello(sender, hello);
	return 0;
}

/* What they told is saved: the sidecar asks for none of it again. */
static void on_confirm(im_node_t *sender, uint64_t sequence)
{
	/* one that was not given yet confirms nothing */
	if(sequence > sender->store.sequence)
		return;
	im_store_confirm(&sender->store, sequence);
	sender->confirmed = sequence;
}

static void on_pause(const im_node_t *sender, unsigned ms)
{
	if(ms > PAUSE_MAX_MS)
		ms = PAUSE_MAX_MS;
	im_shared->nodes[sender->index].paused_until = im_now() + ms;
}

int im_perform(im_node_t *sender, im_action_t *action)
{
	action->sender = sender->index;
	if(action->type == IM_ACT_HELLO)
		return on_hello(sender, action);
	if(!sender->attached) {
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
			on_confirm(sender, action->sequence);
			break;
		case IM_ACT_PAUSE:
			on_pause(sender, action->pause_ms);
			break;
		case IM_ACT_REDIRECT:
			im_redirect(sender, action);
			break;
		case IM_ACT_NODES:
			im_nodes_table(action);
			break;
		default:
			LM_WARN("an action that this version does not know\n");
			break;
	}
	return 0;
}
