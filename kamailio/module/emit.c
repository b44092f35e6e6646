/*
 * im_sidecar: events on their way to the sidecars
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "emit.h"

#include "core/dprint.h"
#include "shared.h"

static im_stored_t *emit(im_node_t *node, int slot, int field,
		im_slice_t payload, im_extra_t extra)
{
	im_stored_t *e = im_store_add(&node->store, field, slot, payload, extra);

	if(!e) {
		im_shared->lost_events++;
		LM_ERR("the sidecar confirms nothing: an event is lost\n");
		return NULL;
	}
	im_node_send(node, e);
	return e;
}

im_stored_t *im_emit_with(
		im_whom_t whom, int field, im_slice_t payload, im_extra_t extra)
{
	return emit(im_nodes_next_for(&whom), whom.slot, field, payload, extra);
}

im_stored_t *im_emit(im_whom_t whom, int field, im_slice_t payload)
{
	im_extra_t none = {0};

	return im_emit_with(whom, field, payload, none);
}

im_stored_t *im_emit_to(
		im_node_t *node, int slot, int field, im_slice_t payload)
{
	im_extra_t none = {0};

	return emit(node, slot, field, payload, none);
}

void im_emit_spare(im_whom_t whom, int field, im_slice_t payload)
{
	im_node_t *node = im_nodes_next_for(&whom);

	if(!im_store_full(&node->store))
		im_emit_to(node, whom.slot, field, payload);
	else
		im_shared->lost_events++;
}

im_stored_t *im_emit_latest(int node)
{
	return im_node_at(node) ? im_node_at(node)->store.last : NULL;
}
