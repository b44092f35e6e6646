/*
 * im_sidecar: hash table with string keys
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "table.h"

#include <stdlib.h>

/* FNV-1a */
unsigned im_hash(im_slice_t key)
{
	unsigned h = 2166136261u;
	int i;

	for(i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.s[i]) * 16777619u;
	return h;
}

int im_table_init(im_table_t *table, unsigned buckets)
{
	unsigned size = 16;

	while(size < buckets && size < 1u << 20)
		size <<= 1;
	table->count = 0;
	table->mask = size - 1;
	table->buckets = calloc(size, sizeof(*table->buckets));
	return table->buckets ? 0 : -1;
}

im_entry_t *im_table_find(const im_table_t *table, im_slice_t key)
{
	unsigned h = im_hash(key);
	im_entry_t *e;

	for(e = table->buckets[h & table->mask]; e; e = e->next)
		if(e->hash == h && im_slice_eq(e->key, key))
			return e;
	return NULL;
}

void im_table_add(im_table_t *table, im_entry_t *entry, im_slice_t key)
{
	im_entry_t **bucket;

	entry->key = key;
	entry->hash = im_hash(key);
	entry->listed = 1;
	bucket = &table->buckets[entry->hash & table->mask];
	entry->next = *bucket;
	*bucket = entry;
	table->count++;
}

void im_table_remove(im_table_t *table, im_entry_t *entry)
{
	im_entry_t **p;

	if(!entry->listed)
		return;
	p = &table->buckets[entry->hash & table->mask];
	while(*p && *p != entry)
		p = &(*p)->next;
	if(!*p)
		return;
	*p = entry->next;
	entry->listed = 0;
	table->count--;
}

void im_table_free(im_table_t *table)
{
	free(table->buckets);
	table->buckets = NULL;
	table->count = 0;
}
