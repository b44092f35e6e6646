/*
 * im_sidecar: the link's memory of action keys
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "pack.h"

static im_table_t names;
static im_table_t numbers;
static im_table_t dialogs;

typedef struct key_list
{
	im_key_t *first;
	im_key_t *last;
} key_list_t;

/* Those that have ended: the oldest first. */
static key_list_t timed; /* remembered for some time */
static key_list_t told;	 /* remembered until that event is confirmed */
static uint64_t last_number = 0;
static int max_count = 0;
static int memory = 0;
static void (*on_forget)(im_key_t *key) = NULL;

int im_keys_init(int max, int memory_ms)
{
	max_count = max;
	memory = memory_ms;
	memset(&timed, 0, sizeof(timed));
	memset(&told, 0, sizeof(told));
	if(im_table_init(&names, max) < 0 || im_table_init(&numbers, max) < 0
			|| im_table_init(&dialogs, max) < 0)
		return -1;
	return 0;
}

void im_keys_on_forget(void (*forgotten)(im_key_t *key))
{
	on_forget = forgotten;
}

im_key_t *im_key_find(im_slice_t name)
{
	im_entry_t *e = im_table_find(&names, name);

	return e ? im_owner(e, im_key_t, by_name) : NULL;
}

static im_slice_t number_key(const uint64_t *number)
{
	return im_slice((const char *)number, sizeof(*number));
}

im_key_t *im_key_find_number(uint64_t number)
{
	im_entry_t *e = im_table_find(&numbers, number_key(&number));

	return e ? im_owner(e, im_key_t, by_number) : NULL;
}

static char *dialog_key(im_slice_t call_id, im_slice_t from_tag, unsigned cseq)
{
	int size = call_id.len + from_tag.len + 16;
	char *key = malloc(size);

	if(key)
		snprintf(key, size, "%.*s\n%.*s\n%u", call_id.len, call_id.s,
				from_tag.len, from_tag.s, cseq);
	return key;
}

im_key_t *im_key_find_dialog(const im_dialog_ids_t *d)
{
	char *key = dialog_key(d->call_id, d->from_tag, d->cseq);
	im_entry_t *e;

	if(!key)
		return NULL;
	e = im_table_find(&dialogs, im_text(key));
	free(key);
	return e ? im_owner(e, im_key_t, by_dialog) : NULL;
}

static key_list_t *list_of(const im_key_t *key)
{
	return key->by_told ? &told : &timed;
}

static void unlink_ended(im_key_t *key)
{
	key_list_t *list = list_of(key);

	if(key->state != IM_KEY_ENDED)
		return;
	if(key->prev)
		key->prev->next = key->next;
	else
		list->first = key->next;
	if(key->next)
		key->next->prev = key->prev;
	else
		list->last = key->prev;
}

static void forget(im_key_t *key)
{
	if(on_forget)
		on_forget(key);
	unlink_ended(key);
	im_told_take(&key->told);
	im_timer_clear(&key->timer);
	im_timer_clear(&key->grace);
	im_table_remove(&names, &key->by_name);
	im_table_remove(&numbers, &key->by_number);
	im_table_remove(&dialogs, &key->by_dialog);
	im_key_free_forks(key);
	free(key->names);
	free(key->content);
	free(key->latest_block);
	free(key->dialog_key);
	free(key);
}

static int make_room(void)
{
	if(names.count < max_count)
		return 0;
	if(!timed.first && !told.first)
		return -1;
	forget(timed.first ? timed.first : told.first);
	return 0;
}

static int copy_names(im_key_t *key, const im_action_t *a)
{
	im_slice_t *all[] = {&key->name, &key->method, &key->uri, &key->next_hop,
			&key->from, &key->from_tag, &key->to, &key->to_tag, &key->call_id};

	key->name = a->action_key;
	key->method = a->method;
	key->uri = a->uri;
	key->next_hop = a->next_hop;
	key->from = a->from;
	key->from_tag = a->from_tag;
	key->to = a->to;
	key->to_tag = a->to_tag;
	key->call_id = a->call_id;
	key->names = im_pack(all, sizeof(all) / sizeof(all[0]));
	return key->names ? 0 : -1;
}

im_key_t *im_key_new(const im_action_t *a)
{
	im_key_t *key;

	if(make_room() < 0)
		return NULL;
	key = calloc(1, sizeof(*key));
	if(!key)
		return NULL;
	if(copy_names(key, a) < 0) {
		free(key);
		return NULL;
	}
	key->holder = a->sender;
	key->cseq = a->cseq;
	key->timeout_ms = a->timeout_ms;
	key->invite = im_slice_eq(a->method, im_text("INVITE"));
	key->window = -1;
	key->number = ++last_number;
	im_table_add(&names, &key->by_name, key->name);
	im_table_add(&numbers, &key->by_number, number_key(&key->number));
	return key;
}

int im_key_list_dialog(im_key_t *key)
{
	key->dialog_key = dialog_key(key->call_id, key->from_tag, key->cseq);
	if(!key->dialog_key)
		return -1;
	im_table_add(&dialogs, &key->by_dialog, im_text(key->dialog_key));
	return 0;
}

static void on_confirmed(im_told_t *told)
{
	forget(im_owner(told, im_key_t, told));
}

void im_key_end(im_key_t *key, im_stored_t *event)
{
	key_list_t *list;

	unlink_ended(key);
	im_timer_clear(&key->timer);
	im_timer_clear(&key->grace);
	key->state = IM_KEY_ENDED;
	key->ended_at = im_now();
	im_told_take(&key->told);
	key->by_told = !key->invite && event;
	if(key->by_told) {
		key->told.confirmed = on_confirmed;
		im_told_hang(&key->told, &event->told);
	}
	list = list_of(key);
	key->next = NULL;
	key->prev = list->last;
	if(list->last)
		list->last->next = key;
	else
		list->first = key;
	list->last = key;
}

int im_key_keep_latest(im_key_t *key, im_slice_t response)
{
	char *copy = malloc(response.len + 1);

	if(!copy)
		return -1;
	memcpy(copy, response.s, response.len);
	free(key->latest_block);
	key->latest_block = copy;
	key->latest = im_slice(copy, response.len);
	return 0;
}

void im_key_free_content(im_key_t *key)
{
	free(key->content);
	key->content = NULL;
	key->headers = key->body = im_slice(NULL, 0);
}

void im_keys_sweep(int64_t now, int64_t since)
{
	while(timed.first && timed.first->ended_at + memory <= now
			&& since + memory <= now)
		forget(timed.first);
}

int im_keys_count(void)
{
	return names.count;
}
