/*
 * im_sidecar: the link's memory of transactions
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "trans.h"

#include <stdio.h>
#include <stdlib.h>

#include "owners.h"
#include "pack.h"

#define MAX_OUTCOMES 64

typedef struct trans_list
{
	im_trans_t *first;
	im_trans_t *last;
	int count;
} trans_list_t;

static im_table_t ids;
static im_table_t dialogs;
static trans_list_t lists[IM_TOLD + 1]; /* by state, oldest first */
static int max_count = 0;
static int memory = 0;
static int held_by[IM_NODES_MAX]; /* pending ones, by node */

static void count_held(const im_trans_t *t, int more)
{
	if(t->state == IM_PENDING && t->holder >= 0)
		held_by[t->holder] += more;
}

static void free_request(im_trans_t *t)
{
	free((char *)t->request.s);
	t->request = im_slice(NULL, 0);
}

static void list_add(im_trans_t *t, im_trans_state_t state)
{
	trans_list_t *list = &lists[state];

	t->state = state;
	t->next = NULL;
	t->prev = list->last;
	if(list->last)
		list->last->next = t;
	else
		list->first = t;
	list->last = t;
	list->count++;
	count_held(t, 1);
}

static void list_remove(im_trans_t *t)
{
	trans_list_t *list = &lists[t->state];

	count_held(t, -1);
	if(t->prev)
		t->prev->next = t->next;
	else
		list->first = t->next;
	if(t->next)
		t->next->prev = t->prev;
	else
		list->last = t->prev;
	list->count--;
}

int im_trans_init(int max, int memory_ms)
{
	max_count = max;
	memory = memory_ms;
	memset(lists, 0, sizeof(lists));
	memset(held_by, 0, sizeof(held_by));
	if(im_table_init(&ids, max) < 0 || im_table_init(&dialogs, max) < 0)
		return -1;
	return 0;
}

im_trans_t *im_trans_find(im_slice_t id)
{
	im_entry_t *e = im_table_find(&ids, id);

	return e ? im_owner(e, im_trans_t, by_id) : NULL;
}

/* Of an INVITE the dialog it makes; of another request the transaction, RFC
 * 3261 17.2.3, with a branch that is not empty. */
static char *dialog_key(const im_dialog_ids_t *d, im_slice_t branch, int *len)
{
	int size = d->call_id.len + d->from_tag.len + branch.len + 16;
	char *key = malloc(size);

	if(key)
		*len = snprintf(key, size, "%.*s\n%.*s\n%u%s%.*s", d->call_id.len,
				d->call_id.s, d->from_tag.len, d->from_tag.s, d->cseq,
				branch.len ? "\n" : "", branch.len, branch.len ? branch.s : "");
	return key;
}

static int matches(
		const im_trans_t *t, const im_dialog_ids_t *dialog, int accepted)
{
	if(accepted && !t->answer)
		return 0;
	return !dialog->to_tag.len || im_slice_eq(t->dialog.to_tag, dialog->to_tag);
}

static im_trans_t *find(
		const im_dialog_ids_t *dialog, im_slice_t branch, int accepted)
{
	im_entry_t *e;
	im_trans_t *t, *found = NULL;
	int len;
	char *key = dialog_key(dialog, branch, &len);

	if(!key)
		return NULL;
	e = im_table_find(&dialogs, im_slice(key, len));
	for(; e && !found; e = e->next) {
		t = im_owner(e, im_trans_t, by_dialog);
		if(im_slice_eq(e->key, im_slice(key, len))
				&& matches(t, dialog, accepted))
			found = t;
	}
	free(key);
	return found;
}

im_trans_t *im_trans_find_dialog(const im_dialog_ids_t *dialog, int accepted)
{
	return find(dialog, im_slice("", 0), accepted);
}

im_trans_t *im_trans_find_answered(const im_event_t *request)
{
	im_dialog_ids_t again = request->dialog;
	im_trans_t *t;

	/* tm may have made another tag for it this time */
	again.to_tag = im_slice("", 0);
	if(!request->invite)
		return request->branch.len ? find(&again, request->branch, 1) : NULL;
	t = find(&again, im_slice("", 0), 1);
	/* a fork towards another URI is a request of its own */
	return t && im_slice_eq(t->uri, request->uri) ? t : NULL;
}

static void forget(im_trans_t *t)
{
	list_remove(t);
	im_told_take(&t->told);
	free_request(t);
	im_timer_clear(&t->timer);
	im_table_remove(&ids, &t->by_id);
	im_table_remove(&dialogs, &t->by_dialog);
	if(t->answer)
		free(t->answer->block);
	free(t->answer);
	free(t->outcomes);
	free(t->block);
	free(t->dialog_key);
	free(t);
}

static int make_room(void)
{
	if(ids.count < max_count)
		return 0;
	if(!lists[IM_ENDED].first && !lists[IM_TOLD].first)
		return -1;
	forget(lists[IM_ENDED].first ? lists[IM_ENDED].first
								 : lists[IM_TOLD].first);
	return 0;
}

static int keep_dialog(im_trans_t *t, im_slice_t branch)
{
	im_slice_t *strings[] = {&t->dialog.call_id, &t->dialog.from_tag,
			&t->dialog.to_tag, &t->uri};
	int len;

	t->block = im_pack(strings, 4);
	t->dialog_key = dialog_key(&t->dialog, branch, &len);
	if(!t->block || !t->dialog_key)
		return -1;
	im_table_add(&dialogs, &t->by_dialog, im_slice(t->dialog_key, len));
	return 0;
}

/* Over a reliable transport nothing comes again. */
static int keep_ids(im_trans_t *t, im_slice_t branch)
{
	im_slice_t to_tag = t->dialog.to_tag;
	im_slice_t *strings[] = {&t->dialog.to_tag};

	if(t->invite)
		return keep_dialog(t, im_slice("", 0));
	if(t->udp && branch.len)
		return keep_dialog(t, branch);
	memset(&t->dialog, 0, sizeof(t->dialog));
	t->dialog.to_tag = to_tag;
	t->block = im_pack(strings, 1);
	return t->block ? 0 : -1;
}

im_trans_t *im_trans_new(const im_event_t *request, const char *id)
{
	im_trans_t *t;

	if(make_room() < 0)
		return NULL;
	t = calloc(1, sizeof(*t));
	if(!t)
		return NULL;
	t->invite = request->invite;
	t->udp = request->udp;
	t->size = request->size;
	t->index = request->index;
	t->label = request->label;
	t->fr_timeout = request->fr_timeout;
	t->fr_inv_timeout = request->fr_inv_timeout;
	t->dialog = request->dialog;
	t->uri = request->uri;
	t->slot = request->slot;
	t->slot_known = request->slot_known;
	t->guess = request->guess;
	t->holder = -1;
	snprintf(t->id, sizeof(t->id), "%s", id);
	if(keep_ids(t, request->branch) < 0) {
		free(t->block);
		free(t->dialog_key);
		free(t);
		return NULL;
	}
	im_table_add(&ids, &t->by_id, im_text(t->id));
	list_add(t, IM_PENDING);
	return t;
}

int im_trans_set_to_tag(im_trans_t *t, im_slice_t to_tag)
{
	im_slice_t *strings[] = {&t->dialog.call_id, &t->dialog.from_tag,
			&t->dialog.to_tag, &t->uri};
	im_slice_t before = t->dialog.to_tag;
	char *block;

	t->dialog.to_tag = to_tag;
	block = im_pack(strings, 4);
	if(!block) {
		t->dialog.to_tag = before;
		return -1;
	}
	free(t->block);
	t->block = block;
	return 0;
}

im_trans_t *im_trans_pending(void)
{
	return lists[IM_PENDING].first;
}

void im_trans_accept(im_trans_t *t, unsigned code)
{
	list_remove(t);
	free_request(t);
	list_add(t, IM_ACCEPTED);
	t->code = code;
}

void im_trans_end(im_trans_t *t, unsigned code)
{
	im_timer_clear(&t->timer);
	list_remove(t);
	free_request(t);
	list_add(t, IM_ENDED);
	t->code = code;
	t->ended_at = im_now();
}

/* An INVITE may come again, what came over UDP too. */
static int is_asked_for(const im_trans_t *t)
{
	return t->state != IM_ENDED || t->invite || t->answer;
}

static void on_confirmed(im_told_t *told)
{
	forget(im_owner(told, im_trans_t, told));
}

void im_trans_told(im_trans_t *t, im_stored_t *event)
{
	if(is_asked_for(t) || !event)
		return;
	list_remove(t);
	list_add(t, IM_TOLD);
	t->told.confirmed = on_confirmed;
	im_told_hang(&t->told, &event->told);
}

void im_trans_over(im_trans_t *t)
{
	if(!is_asked_for(t))
		forget(t);
}

void im_trans_set_holder(im_trans_t *t, int node)
{
	count_held(t, -1);
	t->holder = node;
	count_held(t, 1);
}

int im_trans_held_by(int node)
{
	return held_by[node];
}

int im_trans_keep_request(im_trans_t *t, im_slice_t request)
{
	char *copy = malloc(request.len + 1);

	if(!copy)
		return -1;
	memcpy(copy, request.s, request.len);
	free_request(t);
	t->request = im_slice(copy, request.len);
	return 0;
}

const im_outcome_t *im_trans_outcome(const im_trans_t *t, unsigned ordinal)
{
	int i;

	for(i = 0; i < t->outcome_count; i++)
		if(t->outcomes[i].ordinal == ordinal)
			return &t->outcomes[i];
	return NULL;
}

int im_trans_add_outcome(
		im_trans_t *t, unsigned ordinal, unsigned code, int sent)
{
	im_outcome_t *more;

	if(t->outcome_count >= MAX_OUTCOMES)
		return -1;
	more = realloc(t->outcomes, (t->outcome_count + 1) * sizeof(*more));
	if(!more)
		return -1;
	t->outcomes = more;
	more[t->outcome_count].ordinal = ordinal;
	more[t->outcome_count].code = code;
	more[t->outcome_count].sent = sent;
	t->outcome_count++;
	return 0;
}

void im_trans_sweep(int64_t now, int64_t since)
{
	im_trans_t *t;

	while((t = lists[IM_ENDED].first) && t->ended_at + memory <= now
			&& since + memory <= now)
		forget(t);
}

int im_trans_count(void)
{
	return ids.count;
}

int im_trans_pending_count(void)
{
	return lists[IM_PENDING].count;
}

int im_trans_accepted_count(void)
{
	return lists[IM_ACCEPTED].count;
}
