/*
 * im_sidecar: all sidecars, and which of them is to have what
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_NODES_H
#define IM_NODES_H

#include "node.h"

/* Whom an event is for. */
typedef struct im_whom
{
	int slot;	/* of its aggregate */
	int known;	/* it is that one for sure; else it is a guess */
	int holder; /* the node that has the request or has asked; -1: none */
} im_whom_t;

/* Opens those of the modparam target; -1: none of them starts. */
int im_nodes_start(void);

/* NULL when there is none. */
im_node_t *im_node_at(int index);

int im_nodes_attached(void);
/* There is more than one, attached or not. */
int im_nodes_are_several(void);

/* The one that is to have it now; never NULL. If none is attached the event
 * waits there for the first that is. */
im_node_t *im_nodes_for(const im_whom_t *whom);

/* The same for an event that must not overtake those of its slot. */
im_node_t *im_nodes_next_for(const im_whom_t *whom);

/* The one of that name, attached or not; NULL: there is none. */
im_node_t *im_nodes_named(im_slice_t name);

/* It is attached, and not thought dead by the others. */
int im_nodes_usable(const im_node_t *node);

/* Of the table of nodes that is in force. */
uint64_t im_nodes_version(void);

/* The attached one of that name, else any attached one but the sender; NULL:
 * there is none. */
im_node_t *im_nodes_other(im_slice_t name, int slot, const im_node_t *sender);

/* From a node's stream. */
void im_nodes_hello(im_node_t *node, const im_action_t *hello);
void im_nodes_lost(im_node_t *node, int was_attached);
/* What one that is left out of it still holds is answered 503. */
void im_nodes_table(const im_action_t *table);

/* Closes those that are gone, opens those that are to be found elsewhere. */
void im_nodes_sweep(int64_t now);

/* Since when all that are attached are. */
int64_t im_nodes_since(void);

/* Into shared memory, for workers and RPC. */
void im_nodes_publish(void);

#endif
