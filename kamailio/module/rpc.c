/*
 * im_sidecar: RPC commands
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "rpc.h"

#include <stdio.h>

#include "params.h"
#include "shared.h"

static void add_number(rpc_t *rpc, void *s, char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	rpc->struct_add(s, "s", name, text);
}

static void add_node(rpc_t *rpc, void *s)
{
	char node[sizeof(im_shared->node)];
	char version[sizeof(im_shared->server_version)];

	lock_get(&im_shared->lock);
	memcpy(node, im_shared->node, sizeof(node));
	memcpy(version, im_shared->server_version, sizeof(version));
	lock_release(&im_shared->lock);
	rpc->struct_add(s, "ss", "node", node, "server_version", version);
}

static void rpc_status(rpc_t *rpc, void *c)
{
	void *s;

	if(rpc->add(c, "{", &s) < 0) {
		rpc->fault(c, 500, "Internal error");
		return;
	}
	rpc->struct_add(s, "dSSs", "attached", im_is_up(), "target",
			&im_params.target, "instance", &im_params.instance, "boot_id",
			im_shared->boot_id);
	add_node(rpc, s);
	add_number(rpc, s, "times_attached", im_shared->attached_times);
	rpc->struct_add(s, "ddd", "held", im_shared->held, "awaiting_ack",
			im_shared->accepted, "transactions", im_shared->transactions);
	rpc->struct_add(s, "dd", "keys", im_shared->keys, "waiting_for_window",
			im_shared->waiting);
	rpc->struct_add(s, "dd", "queued", atomic_get(&im_shared->piped),
			"unconfirmed", im_shared->unconfirmed);
	add_number(rpc, s, "unconfirmed_bytes", im_shared->unconfirmed_bytes);
	add_number(rpc, s, "sequence", im_shared->sequence);
	add_number(rpc, s, "confirmed", im_shared->confirmed);
	rpc->struct_add(s, "d", "refused", atomic_get(&im_shared->refused));
	add_number(rpc, s, "lost_events",
			im_shared->lost_events + atomic_get(&im_shared->dropped));
}

static void rpc_domains(rpc_t *rpc, void *c)
{
	char domains[sizeof(im_shared->domains)];
	const char *p = domains;
	int i, count;

	lock_get(&im_shared->lock);
	memcpy(domains, im_shared->domains, sizeof(domains));
	count = im_shared->domain_count;
	lock_release(&im_shared->lock);
	for(i = 0; i < count; i++) {
		rpc->add(c, "s", p);
		p += strlen(p) + 1;
	}
}

static void add_view(rpc_t *rpc, void *c, const im_node_view_t *node)
{
	void *s;

	if(rpc->add(c, "{", &s) < 0)
		return;
	rpc->struct_add(s, "sssd", "name", node->name, "target", node->target,
			"server_version", node->version, "attached", node->attached);
	add_number(rpc, s, "times_attached", node->attached_times);
	rpc->struct_add(s, "ddd", "slots", node->slots, "held", node->held,
			"unconfirmed", node->unconfirmed);
	add_number(rpc, s, "unconfirmed_bytes", node->unconfirmed_bytes);
	add_number(rpc, s, "sequence", node->sequence);
	add_number(rpc, s, "confirmed", node->confirmed);
	add_number(rpc, s, "redirected", node->redirected);
}

static void rpc_nodes(rpc_t *rpc, void *c)
{
	im_node_view_t node;
	int i;

	for(i = 0; i < IM_NODES_MAX; i++) {
		lock_get(&im_shared->lock);
		node = im_shared->nodes[i];
		lock_release(&im_shared->lock);
		if(node.used)
			add_view(rpc, c, &node);
	}
}

static const char *status_doc[] = {
		"State of the link to the sidecar and its counters", NULL};
static const char *nodes_doc[] = {"The sidecars one by one", NULL};
static const char *domains_doc[] = {"Domains that the sidecar serves", NULL};

/* clang-format off */
rpc_export_t im_rpc_exports[] = {
	{"im_sidecar.status", rpc_status, status_doc, 0},
	{"im_sidecar.nodes", rpc_nodes, nodes_doc, RET_ARRAY},
	{"im_sidecar.domains", rpc_domains, domains_doc, RET_ARRAY},
	{0, 0, 0, 0}
};
/* clang-format on */
