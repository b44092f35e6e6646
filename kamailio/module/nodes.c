/*
 * im_sidecar: all sidecars, and which of them is to have what
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "nodes.h"

#include <stdio.h>

#include "core/dprint.h"
#include "emit.h"
#include "held.h"
#include "params.h"
#include "shared.h"

#define GONE_MS 2000  /* a learned one that nobody names any more is closed */
#define MOVED_MS 3000 /* one that is away is looked for where the table says */

static im_node_t *nodes[IM_NODES_MAX];
static im_owners_t owners;
static im_node_t *places[IM_NODES_MAX]; /* by place in the table */
static int attached = 0;
static int some_listed = 0; /* one that is attached is in the table */

im_node_t *im_node_at(int index)
{
	return index >= 0 && index < IM_NODES_MAX ? nodes[index] : NULL;
}

int im_nodes_attached(void)
{
	return attached;
}

int im_nodes_are_several(void)
{
	return owners.count > 1 || nodes[1] != NULL;
}

static im_node_t *by_name(const char *name)
{
	im_node_t *found = NULL;
	int i;

	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] && !strcmp(nodes[i]->name, name)
				&& (!found || nodes[i]->attached))
			found = nodes[i];
	return found;
}

static im_node_t *by_target(const char *target)
{
	int i;

	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] && !strcmp(nodes[i]->target, target))
			return nodes[i];
	return NULL;
}

/* One that the table leaves out is thought dead by the others. */
static int is_usable(const im_node_t *node)
{
	return node && node->attached && (node->listed || !some_listed);
}

static im_node_t *owner_of(int slot)
{
	int place = im_owners_of(&owners, slot);

	return place >= 0 && is_usable(places[place]) ? places[place] : NULL;
}

static void look_up_places(void)
{
	im_node_t *node;
	int i;

	attached = some_listed = 0;
	for(i = 0; i < owners.count; i++)
		places[i] = by_name(owners.names[i]);
	for(i = 0; i < IM_NODES_MAX; i++) {
		if(!(node = nodes[i]))
			continue;
		node->listed = im_owners_place(&owners, node->name) >= 0;
		node->slots = 0;
		attached += node->attached;
		some_listed |= node->attached && node->listed;
	}
}

/* Which node each slot goes to, for the link and for the workers. */
static void map(void)
{
	im_node_t *usable[IM_NODES_MAX], *owner;
	int i, count = 0;

	look_up_places();
	for(i = 0; i < IM_NODES_MAX; i++)
		if(is_usable(nodes[i]))
			usable[count++] = nodes[i];
	for(i = 0; i < IM_SLOTS; i++) {
		owner = owner_of(i);
		if(owner)
			owner->slots++;
		else if(count)
			owner = usable[i % count];
		im_shared->route[i] = owner ? owner->index : IM_NOBODY;
	}
}

im_node_t *im_nodes_for(const im_whom_t *whom)
{
	im_node_t *holder = im_node_at(whom->holder);
	im_node_t *owner = whom->known ? owner_of(whom->slot) : NULL;

	if(owner)
		return owner;
	if(is_usable(holder))
		return holder;
	if(im_shared->route[whom->slot] != IM_NOBODY)
		return nodes[im_shared->route[whom->slot]];
	return holder ? holder : nodes[0];
}

/* One that still has events of that slot gets the next too, or hands all on. */
static im_node_t *behind(int slot, im_node_t *node)
{
	int i;

	if(attached < 2 || node->store.slots[slot])
		return node;
	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] != node && is_usable(nodes[i])
				&& nodes[i]->store.slots[slot])
			return nodes[i];
	return node;
}

im_node_t *im_nodes_next_for(const im_whom_t *whom)
{
	im_node_t *holder = im_node_at(whom->holder);

	/* of a slot that is guessed nothing but the request can be overtaken */
	if(!whom->known && is_usable(holder))
		return holder;
	return behind(whom->slot, im_nodes_for(whom));
}

im_node_t *im_nodes_named(im_slice_t name)
{
	im_node_t *found = NULL;
	int i;

	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] && im_slice_eq(im_text(nodes[i]->name), name)
				&& (!found || nodes[i]->attached))
			found = nodes[i];
	/* the table names it before it has said its name itself */
	for(i = 0; !found && i < owners.count; i++)
		if(im_slice_eq(im_text(owners.names[i]), name) && owners.targets[i][0])
			found = by_target(owners.targets[i]);
	return found;
}

int im_nodes_usable(const im_node_t *node)
{
	return is_usable(node);
}

uint64_t im_nodes_version(void)
{
	return owners.version;
}

im_node_t *im_nodes_other(im_slice_t name, int slot, const im_node_t *sender)
{
	im_node_t *others[IM_NODES_MAX];
	int i, count = 0;

	for(i = 0; i < IM_NODES_MAX; i++) {
		if(nodes[i] == sender || !is_usable(nodes[i]))
			continue;
		if(im_slice_eq(im_text(nodes[i]->name), name))
			return nodes[i];
		others[count++] = nodes[i];
	}
	return count ? others[slot % count] : NULL;
}

/* What it has not confirmed goes to those that are to have it now, each slot in
 * its order. A request that it still has may yet be answered. */
static void hand_over_all(im_node_t *from, int to_owners_only)
{
	im_whom_t whom = {0, 1, -1};
	im_stored_t *e, *next;
	im_node_t *to;
	int count = 0;

	for(e = from->store.first; e && attached; e = next) {
		next = e->next;
		whom.slot = e->slot;
		if(to_owners_only && !owner_of(e->slot))
			continue;
		to = im_nodes_next_for(&whom);
		if(to == from || (from->attached && e->field == IM_FIELD_REQUEST))
			continue;
		e = im_store_move(&from->store, e, &to->store);
		if(!e)
			continue;
		im_node_send(to, e);
		count++;
	}
	if(count)
		LM_NOTICE(
				"%d events of '%s' go to other sidecars\n", count, from->name);
}

/* One that has said how much it sends again, does. */
static int has_strays(const im_node_t *node)
{
	return node && !node->attached && !node->generation && node->store.count;
}

static void hand_over(im_node_t *from)
{
	hand_over_all(from, 0);
}

/* The union of what all that are attached serve. */
static void set_domains(void)
{
	im_slice_t all[IM_MAX_NAMES];
	int i, j, k, count = 0;
	const char *p;

	for(i = 0; i < IM_NODES_MAX; i++) {
		if(!nodes[i] || !nodes[i]->attached)
			continue;
		p = nodes[i]->domains;
		for(j = 0; j < nodes[i]->domain_count; j++, p += strlen(p) + 1) {
			for(k = 0; k < count && !im_slice_caseeq(all[k], im_text(p)); k++)
				;
			if(k == count && count < IM_MAX_NAMES)
				all[count++] = im_text(p);
		}
	}
	im_shared_set_domains(all, count);
}

static void remove_node(im_node_t *node)
{
	int index = node->index;

	hand_over(node);
	if(node->store.count)
		return;
	LM_NOTICE("sidecar '%s' at %s is gone\n", node->name, node->target);
	nodes[index] = NULL;
	im_node_free(node);
	im_shared->nodes[index].used = 0;
	map();
}

/* The same sidecar over another target: the younger stream counts. */
static void replace_others(im_node_t *node)
{
	im_node_t *other;
	int i;

	for(i = 0; i < IM_NODES_MAX; i++) {
		other = nodes[i];
		if(!other || other == node || other->standby
				|| strcmp(other->name, node->name))
			continue;
		LM_NOTICE("sidecar '%s' is attached at %s, %s is closed\n", node->name,
				node->target, other->target);
		other->standby = 1;
		im_node_stop(other);
		if(!other->configured)
			remove_node(other);
	}
}

void im_nodes_hello(im_node_t *node, const im_action_t *hello)
{
	int i, again = node->store.count;

	im_node_attach(node, hello);
	im_shared->attached_times++;
	map();
	replace_others(node);
	for(i = 0; i < IM_NODES_MAX; i++)
		if(has_strays(nodes[i]))
			hand_over(nodes[i]);
	set_domains();
	im_shared_set_node(node->index, hello, node->target);
	atomic_set(&im_shared->up, 1);
	LM_NOTICE("sidecar '%s' (%s) attached, %d events sent again\n", node->name,
			node->version, again);
}

static void wake(const char *name)
{
	int i;

	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] && nodes[i]->standby && !strcmp(nodes[i]->name, name)
				&& im_node_start(nodes[i]) < 0)
			LM_ERR("%s cannot be opened\n", nodes[i]->target);
}

void im_nodes_lost(im_node_t *node, int was_attached)
{
	map();
	if(!attached) {
		atomic_set(&im_shared->up, 0);
		im_owners_doubt(&owners);
	}
	if(was_attached)
		/* Each of them gets its final reply now. Sent again it would be taken
		 * for a new one, and phones would ring for a session that has failed. */
		im_store_forget(&node->store, IM_FIELD_REQUEST);
	hand_over(node);
	if(was_attached)
		im_held_give_up(node->index);
	if(!node->standby)
		wake(node->name);
}

static void open_node(const char *target, int configured)
{
	int i;

	for(i = 0; i < IM_NODES_MAX && nodes[i]; i++)
		;
	if(i == IM_NODES_MAX) {
		LM_ERR("more than %d sidecars, %s is left out\n", IM_NODES_MAX, target);
		return;
	}
	nodes[i] = im_node_new(i, target, configured);
	if(!nodes[i]) {
		LM_ERR("the link to %s cannot start\n", target);
		return;
	}
	im_shared_set_node(i, NULL, target);
}

/* Those whose place is not known are new, or just not attached yet. */
void im_nodes_table(const im_action_t *table)
{
	int i;

	if(!im_owners_update(&owners, table)) {
		LM_DBG("a table of nodes that is not new\n");
		return;
	}
	for(i = 0; i < owners.count; i++)
		if(owners.targets[i][0] && !by_name(owners.names[i])
				&& !by_target(owners.targets[i])) {
			LM_NOTICE("sidecar '%s' is at %s\n", owners.names[i],
					owners.targets[i]);
			open_node(owners.targets[i], 0);
		}
	map();
	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] && nodes[i]->attached && !is_usable(nodes[i])) {
			/* one that is frozen, perhaps, and does not say so for long */
			hand_over(nodes[i]);
			im_held_give_up(nodes[i]->index);
		} else if(has_strays(nodes[i]))
			hand_over_all(nodes[i], 1);
}

static int is_named(const im_node_t *node)
{
	int i;

	for(i = 0; i < owners.count; i++)
		if(!strcmp(owners.names[i], node->name)
				|| !strcmp(owners.targets[i], node->target))
			return 1;
	return 0;
}

static void sweep_node(im_node_t *node, int64_t now)
{
	int place;

	/* what came to it by a redirect that did not know the newest table */
	if(has_strays(node))
		hand_over_all(node, 1);
	if(node->attached || is_named(node))
		node->gone_at = 0;
	else if(!node->gone_at)
		node->gone_at = now;
	if(!node->configured && node->gone_at && now - node->gone_at > GONE_MS) {
		remove_node(node);
		return;
	}
	place = node->name[0] ? im_owners_place(&owners, node->name) : -1;
	if(place >= 0 && owners.targets[place][0] && !by_name(node->name)->attached
			&& now - node->lost_at > MOVED_MS
			&& !by_target(owners.targets[place]))
		open_node(owners.targets[place], 0);
}

void im_nodes_sweep(int64_t now)
{
	int i;

	/* without one that is attached nobody knows who is gone */
	for(i = 0; i < IM_NODES_MAX && owners.known; i++)
		if(nodes[i])
			sweep_node(nodes[i], now);
}

int64_t im_nodes_since(void)
{
	int64_t since = 0;
	int i;

	for(i = 0; i < IM_NODES_MAX; i++)
		if(nodes[i] && nodes[i]->attached && nodes[i]->attached_at > since)
			since = nodes[i]->attached_at;
	return since;
}

void im_nodes_publish(void)
{
	long bytes = 0;
	int i, count = 0;

	for(i = 0; i < IM_NODES_MAX; i++) {
		if(!nodes[i])
			continue;
		im_shared_publish_node(nodes[i]);
		count += nodes[i]->store.count;
		bytes += nodes[i]->store.bytes;
		if(nodes[i]->store.sequence > im_shared->sequence)
			im_shared->sequence = nodes[i]->store.sequence;
		if(nodes[i]->confirmed > im_shared->confirmed)
			im_shared->confirmed = nodes[i]->confirmed;
	}
	im_shared->unconfirmed = count;
	im_shared->unconfirmed_bytes = bytes;
}

int im_nodes_start(void)
{
	const char *target;
	int i;

	memset(owners.owners, IM_NOBODY, sizeof(owners.owners));
	for(i = 0; (target = im_params_target(i)); i++)
		open_node(target, 1);
	map();
	return nodes[0] ? 0 : -1;
}
