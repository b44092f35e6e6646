/*
 * load: what is measured
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "modes.h"

#include <stdio.h>

#include "deferred.h"
#include "options.h"
#include "publication.h"
#include "stats.h"
#include "subscription.h"

static text_t out;

/* invite: set up, established, torn down by all but the last one. */

static void torn_down(conference_t *c)
{
	unit_done(c->index, 1);
}

static void set_up(conference_t *c)
{
	histogram_add(&waves, now_us() - c->begun);
	conference_leave(c, 0);
}

static void next_leaves(conference_t *c, int member)
{
	if(member + 1 < invited_count - 1)
		conference_leave(c, member + 1);
}

static void not_set_up(conference_t *c)
{
	unit_done(c->index, 0);
}

static void start_conference(int slot)
{
	on_established = set_up;
	on_ended = torn_down;
	on_failed = not_set_up;
	on_left = options.alone ? NULL : next_leaves;
	conference_start(&conferences[slot]);
}

static int slot_for_each_conference(void)
{
	return options.conferences;
}

/* subscribe: each member subscribes, ends it, subscribes again. */

static void subscribed(conference_t *c, int member, int ok)
{
	unit_done(c->index * member_count + member, ok);
}

static void start_subscription(int slot)
{
	on_subscribed = subscribed;
	subscription_change(
			&conferences[slot / member_count], slot % member_count);
}

static int slot_for_each_member(void)
{
	return options.conferences * member_count;
}

/* notify, tell: one of those who do not watch leaves, all who watch are told. */

typedef struct wave
{
	int leaver; /* the next one */
	int told;
	int left;
	uint64_t begun, last;
} wave_t;

static wave_t wave_of[CONFERENCES_MAX];

static void check_wave(conference_t *c)
{
	wave_t *w = &wave_of[c->index];

	if(!w->left || w->told < watcher_count)
		return;
	histogram_add(&lasts, w->last - w->begun);
	unit_done(c->index, 1);
}

static void member_left(conference_t *c, int member)
{
	wave_of[c->index].left = member;
	check_wave(c);
}

static void change_published(conference_t *c, int ok)
{
	if(ok)
		member_left(c, 1);
	else
		unit_done(c->index, 0);
}

static void member_told(conference_t *c, int member)
{
	wave_t *w = &wave_of[c->index];

	(void)member;
	w->last = now_us();
	histogram_add(&waves, w->last - w->begun);
	w->told++;
	check_wave(c);
}

static void notified(exchange_t *e, const message_t *answer)
{
	counters.notifies++;
	unit_done(e->conference, answer && answer->code < 300);
}

/* Kamailio alone: it gets the NOTIFYs. */
static void start_notify(int slot)
{
	static dialog_t d = {.local_tag = "n", .remote_tag = "k"};
	exchange_t *e = exchange_begin(slot, 0, notified);
	wave_t *w = &wave_of[slot];

	d.cseq = ++w->told;
	snprintf(d.call_id, sizeof(d.call_id), "n%d.%x@load", slot, run_id);
	out.len = 0;
	add_head(&out, "NOTIFY", conferences[slot].identity, e, &d);
	text_add(&out,
			"Event: conference\r\n"
			"Subscription-State: active;expires=3600\r\n"
			"Content-Type: application/conference-info+xml\r\n"
			"Content-Length: 400\r\n\r\n%400s",
			"");
	exchange_send(e, &out, 0);
}

static void start_wave(int slot)
{
	wave_t *w = &wave_of[slot];

	if(options.alone) {
		start_notify(slot);
		return;
	}
	if(!w->leaver)
		w->leaver = first_watcher ? 1 : member_count / 2;
	/* the last two stay, or the conference ends */
	if(w->leaver >= invited_count - 1) {
		slot_spent(slot);
		return;
	}
	on_left = member_left;
	on_published = change_published;
	on_news = member_told;
	on_failed = not_set_up;
	w->told = w->left = 0;
	w->begun = now_us();
	if(options.presence)
		publish_left(&conferences[slot], w->leaver++);
	else
		conference_leave(&conferences[slot], w->leaver++);
}

/* options: answered by the sidecar without anything to keep. */

static void asked(exchange_t *e, const message_t *answer)
{
	unit_done(e->conference, answer && answer->code < 300);
}

static void start_options(int slot)
{
	static dialog_t d = {.local_tag = "o", .cseq = 1};
	static unsigned serial = 0;
	exchange_t *e = exchange_begin(slot, 0, asked);

	snprintf(d.call_id, sizeof(d.call_id), "o%u.%x@load", ++serial, run_id);
	out.len = 0;
	add_head(&out, "OPTIONS", conferences[slot].identity, e, &d);
	text_add(&out, "Content-Length: 0\r\n\r\n");
	exchange_send(e, &out, 0);
}

/* message: left for one user after the other. collect: they come. */

static int slot_for_each_user(void)
{
	return options.users;
}

static const load_mode_t modes[] = {
		{"subscribe", slot_for_each_member, start_subscription, 1, 0, 0},
		{"invite", slot_for_each_conference, start_conference, 0, 0, 0},
		{"notify", slot_for_each_conference, start_wave, 1, 1, 0},
		{"tell", slot_for_each_conference, start_wave, 1, 1, 0},
		{"options", slot_for_each_conference, start_options, 0, 0, 0},
		{"message", slot_for_each_user, deferred_leave, 0, 0, 0},
		{"collect", slot_for_each_user, deferred_come, 0, 0, 1},
};

const load_mode_t *mode_find(const char *name)
{
	unsigned i;

	for(i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if(!strcmp(modes[i].name, name))
			return &modes[i];
	return NULL;
}
