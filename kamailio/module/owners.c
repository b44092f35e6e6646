/*
 * im_sidecar: who owns which slot, as the sidecars say
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "owners.h"

#include <stdio.h>

#define NOBODY 255

static int is_table(const im_action_t *table)
{
	int i;

	if(table->header_count < 1 || table->header_count > IM_NODES_MAX
			|| table->body.len != IM_SLOTS)
		return 0;
	for(i = 0; i < table->header_count; i++)
		if(table->headers[i].name.len < 1
				|| table->headers[i].name.len >= IM_NAME_MAX
				|| table->headers[i].value.len >= IM_TARGET_MAX)
			return 0;
	return 1;
}

int im_owners_update(im_owners_t *owners, const im_action_t *table)
{
	const im_header_t *node = table->headers;
	int i;

	if(!is_table(table)
			|| (owners->known && table->sequence <= owners->version))
		return 0;
	owners->known = 1;
	owners->version = table->sequence;
	owners->count = table->header_count;
	for(i = 0; i < owners->count; i++, node++) {
		snprintf(owners->names[i], IM_NAME_MAX, "%.*s", node->name.len,
				node->name.s);
		snprintf(owners->targets[i], IM_TARGET_MAX, "%.*s", node->value.len,
				node->value.s);
	}
	for(i = 0; i < IM_SLOTS; i++) {
		owners->owners[i] = (unsigned char)table->body.s[i];
		if(owners->owners[i] >= owners->count)
			owners->owners[i] = NOBODY;
	}
	return 1;
}

void im_owners_doubt(im_owners_t *owners)
{
	owners->known = 0;
}

int im_owners_place(const im_owners_t *owners, const char *name)
{
	int i;

	for(i = 0; i < owners->count; i++)
		if(!strcmp(owners->names[i], name))
			return i;
	return -1;
}

int im_owners_of(const im_owners_t *owners, int slot)
{
	return owners->owners[slot] < owners->count ? owners->owners[slot] : -1;
}

int im_owners_slots(const im_owners_t *owners, int place)
{
	int i, count = 0;

	for(i = 0; i < IM_SLOTS; i++)
		count += im_owners_of(owners, i) == place;
	return count;
}
