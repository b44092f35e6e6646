/*
 * im_sidecar: one sidecar: its stream, and the events it has not confirmed
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_NODE_H
#define IM_NODE_H

#include "owners.h"
#include "store.h"
#include "stream.h"
#include "timers.h"

typedef struct im_node
{
	int index;
	int configured; /* in the modparam target; else from a NodeTable */
	int standby;	/* another target has a node of that name attached */
	char target[IM_TARGET_MAX];
	char name[IM_NAME_MAX]; /* as in its last NodeHello */
	char version[IM_NAME_MAX];
	char *domains; /* each with its zero */
	int domain_count;

	im_stream_t *stream; /* NULL: closed */
	unsigned generation; /* of the open call; 0: none */
	int attached;
	int unsent; /* queued, the writer does not know yet */
	int64_t attached_at;
	int64_t lost_at;
	im_timer_t hello_timer;

	im_store_t store;
	uint64_t confirmed;
	uint64_t attached_times;
	int listed;		 /* in the NodeTable */
	int slots;		 /* that it owns */
	int64_t gone_at; /* since when it is neither listed nor attached; 0 */
} im_node_t;

/* With a stream; NULL when that does not start. */
im_node_t *im_node_new(int index, const char *target, int configured);
void im_node_free(im_node_t *node);

/* Starts the stream, or stops it for as long as nobody starts it. */
int im_node_start(im_node_t *node);
void im_node_stop(im_node_t *node);

/* It has said NodeHello and gets all that it has not confirmed. */
void im_node_attach(im_node_t *node, const im_action_t *hello);

/* Sends one of its events, if it is attached. */
void im_node_send(im_node_t *node, const im_stored_t *event);
void im_node_flush(im_node_t *node);

/* What the stream has brought. */
void im_node_drain(im_node_t *node);

void im_node_reset(im_node_t *node);

#endif
