/*
 * im_sidecar: hash table with string keys; entries live inside their owner
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_TABLE_H
#define IM_TABLE_H

#include <stddef.h>
#include "slice.h"

typedef struct im_entry
{
	struct im_entry *next;
	unsigned hash;
	int listed;
	im_slice_t key; /* the owner's bytes */
} im_entry_t;

typedef struct im_table
{
	im_entry_t **buckets;
	unsigned mask;
	int count;
} im_table_t;

#define im_owner(entry, type, member) \
	((type *)((char *)(entry)-offsetof(type, member)))

unsigned im_hash(im_slice_t key);

/* The number of buckets is rounded up to a power of two; -1: out of memory. */
int im_table_init(im_table_t *table, unsigned buckets);
im_entry_t *im_table_find(const im_table_t *table, im_slice_t key);
/* Of two entries with one key the younger is found. */
void im_table_add(im_table_t *table, im_entry_t *entry, im_slice_t key);
void im_table_remove(im_table_t *table, im_entry_t *entry);
void im_table_free(im_table_t *table);

#endif
