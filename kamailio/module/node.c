/*
 * im_sidecar: one sidecar: its stream, and the events it has not confirmed
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "node.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/dprint.h"
#include "hello.h"
#include "nodes.h"
#include "params.h"
#include "perform.h"
#include "shared.h"
#include "table.h"

#define HELLO_TIMEOUT_MS 5000

static void send_bytes(im_node_t *node, const char *bytes, int len)
{
	node->unsent = 1;
	if(im_stream_send(node->stream, node->generation, im_slice(bytes, len))
			< 0) {
		LM_ERR("out of memory, the stream starts anew\n");
		im_node_reset(node);
	}
}

void im_node_reset(im_node_t *node)
{
	if(node->stream)
		im_stream_reset(node->stream, node->generation);
}

void im_node_send(im_node_t *node, const im_stored_t *event)
{
	if(node->attached)
		send_bytes(node, event->bytes, event->len);
}

void im_node_flush(im_node_t *node)
{
	if(node->unsent && node->stream)
		im_stream_flush(node->stream);
	node->unsent = 0;
}

static void hello_missing(im_timer_t *timer)
{
	im_node_t *node = im_owner(timer, im_node_t, hello_timer);

	LM_ERR("no NodeHello from the sidecar in %d ms\n", HELLO_TIMEOUT_MS);
	im_node_reset(node);
}

static void opened(im_node_t *node, unsigned call)
{
	char *bytes;
	int len;

	node->generation = call;
	node->attached = 0;
	node->hello_timer.fire = hello_missing;
	im_timer_set(&node->hello_timer, im_now() + HELLO_TIMEOUT_MS);
	bytes = im_hello_write(
			node->store.last ? node->store.last->sequence : 0, &len);
	if(!bytes) {
		im_node_reset(node);
		return;
	}
	send_bytes(node, bytes, len);
	free(bytes);
}

static void lost(im_node_t *node, im_slice_t why)
{
	int was_attached = node->attached;

	node->attached = 0;
	node->generation = 0;
	node->lost_at = im_now();
	im_timer_clear(&node->hello_timer);
	LM_WARN("stream to the sidecar ended: %.*s (%s)\n", why.len, why.s,
			node->name[0] ? node->name : node->target);
	im_nodes_lost(node, was_attached);
}

static void keep_domains(im_node_t *node, const im_action_t *hello)
{
	char *p;
	int i, size = 1;

	for(i = 0; i < hello->name_count; i++)
		size += hello->names[i].len + 1;
	free(node->domains);
	node->domains = p = malloc(size);
	node->domain_count = 0;
	for(i = 0; p && i < hello->name_count; i++) {
		if(memchr(hello->names[i].s, 0, hello->names[i].len))
			continue;
		memcpy(p, hello->names[i].s, hello->names[i].len);
		p += hello->names[i].len;
		*p++ = '\0';
		node->domain_count++;
	}
}

void im_node_attach(im_node_t *node, const im_action_t *hello)
{
	const im_stored_t *e;

	im_timer_clear(&node->hello_timer);
	snprintf(node->name, sizeof(node->name), "%.*s", hello->node.len,
			hello->node.s);
	snprintf(node->version, sizeof(node->version), "%.*s",
			hello->server_version.len, hello->server_version.s);
	keep_domains(node, hello);
	node->attached = 1;
	node->attached_at = im_now();
	node->attached_times++;
	/* what an earlier process wanted, perhaps for its end */
	im_shared->nodes[node->index].paused_until = 0;
	for(e = node->store.first; e; e = e->next)
		im_node_send(node, e);
}

static void on_batch(im_node_t *node, im_slice_t bytes)
{
	im_batch_t *batch = im_batch_decode(bytes);
	im_action_t action;

	if(!batch) {
		LM_ERR("%d bytes from the sidecar are no SipActionBatch\n", bytes.len);
		im_node_reset(node);
		return;
	}
	while(im_batch_next(batch, &action))
		if(im_perform(node, &action) < 0) {
			im_node_reset(node);
			break;
		}
	im_batch_free(batch);
}

void im_node_drain(im_node_t *node)
{
	im_stream_item_t item;

	while(node->stream && im_stream_next(node->stream, &item)) {
		if(item.type == IM_STREAM_OPENED)
			opened(node, item.generation);
		else if(item.type == IM_STREAM_TROUBLE)
			LM_WARN("no stream to the sidecar: %.*s\n", item.bytes.len,
					item.bytes.s);
		else if(item.generation != node->generation)
			LM_DBG("an item of a call that has ended\n");
		else if(item.type == IM_STREAM_BATCH)
			on_batch(node, item.bytes);
		else
			lost(node, item.bytes);
		im_stream_release(&item);
	}
}

int im_node_start(im_node_t *node)
{
	im_stream_options_t options = {0};

	options.target = node->target;
	/* strings of modparams end with 0 */
	if(strncmp(options.target, "unix:", 5)) {
		if(im_params.tls_ca.len < 1) {
			LM_ERR("no TLS is configured for %s\n", options.target);
			return -1;
		}
		options.tls_ca = im_params.tls_ca.s;
		options.tls_certificate = im_params.tls_certificate.s;
		options.tls_key = im_params.tls_key.s;
		options.tls_name = im_params.tls_name.s;
	}
	options.keepalive_ms = im_params.keepalive_ms;
	options.keepalive_timeout_ms = im_params.keepalive_timeout_ms;
	options.max_batch_bytes = im_params.max_batch_bytes;
	node->standby = 0;
	node->stream = im_stream_start(&options);
	return node->stream ? 0 : -1;
}

void im_node_stop(im_node_t *node)
{
	im_stream_t *stream = node->stream;

	if(!stream)
		return;
	node->stream = NULL;
	if(node->generation)
		lost(node, im_text("closed here"));
	im_stream_stop(stream);
}

im_node_t *im_node_new(int index, const char *target, int configured)
{
	im_node_t *node = calloc(1, sizeof(*node));

	if(!node)
		return NULL;
	node->index = index;
	node->configured = configured;
	snprintf(node->target, sizeof(node->target), "%s", target);
	im_store_init(
			&node->store, im_params.max_events, im_params.max_event_bytes);
	if(im_node_start(node) == 0)
		return node;
	free(node);
	return NULL;
}

void im_node_free(im_node_t *node)
{
	im_node_stop(node);
	free(node->domains);
	free(node);
}
