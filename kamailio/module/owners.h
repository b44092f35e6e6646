/*
 * im_sidecar: who owns which slot, as the sidecars say
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_OWNERS_H
#define IM_OWNERS_H

#include <stdint.h>
#include "slot.h"
#include "wire.h"

#define IM_NODES_MAX 16
#define IM_NAME_MAX 128
#define IM_TARGET_MAX 512

typedef struct im_owners
{
	uint64_t version;
	int known; /* there is a table */
	int count; /* of nodes */
	char names[IM_NODES_MAX][IM_NAME_MAX];
	char targets[IM_NODES_MAX][IM_TARGET_MAX];
	unsigned char owners[IM_SLOTS]; /* place of the node; 255: nobody */
} im_owners_t;

/* 1: the table is newer than what was known and is in force now. 0: it is not,
 * or it is none. */
int im_owners_update(im_owners_t *owners, const im_action_t *table);

/* Whatever table comes next is in force: those who made this one are away. */
void im_owners_doubt(im_owners_t *owners);

/* The place of a node, -1: it is not in the table. */
int im_owners_place(const im_owners_t *owners, const char *name);

/* The place of the owner, -1: nobody is known to own it. */
int im_owners_of(const im_owners_t *owners, int slot);

/* How many slots that place has. */
int im_owners_slots(const im_owners_t *owners, int place);

#endif
