/*
 * im_sidecar: events on their way to the sidecars
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_EMIT_H
#define IM_EMIT_H

#include "nodes.h"

/* Numbers and keeps an event, and sends it if its sidecar is attached; NULL: it
 * is lost. It overtakes no other of its slot. */
im_stored_t *im_emit(im_whom_t whom, int field, im_slice_t payload);
im_stored_t *im_emit_with(
		im_whom_t whom, int field, im_slice_t payload, im_extra_t extra);

/* An event that may be left out: only if there is room for requests too. */
void im_emit_spare(im_whom_t whom, int field, im_slice_t payload);

/* To that one, whatever there is of its slot elsewhere. */
im_stored_t *im_emit_to(
		im_node_t *node, int slot, int field, im_slice_t payload);

/* The youngest event of that node; NULL: it has confirmed all. */
im_stored_t *im_emit_latest(int node);

#endif
