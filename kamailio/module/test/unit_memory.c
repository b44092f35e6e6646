/*
 * im_sidecar: tests of the link's memory: transactions, keys, windows
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "keys.h"
#include "trans.h"
#include "unit.h"
#include "window.h"

static im_trans_t *add_trans(const char *id, int invite, const char *tag)
{
	im_event_t e = {0};

	e.invite = invite;
	e.dialog.call_id = im_text("call");
	e.dialog.from_tag = im_text("from");
	e.dialog.to_tag = im_text(tag);
	e.dialog.cseq = 7;
	return im_trans_new(&e, id);
}

static void check_outcomes(im_trans_t *t)
{
	unsigned i;

	CHECK(!im_trans_outcome(t, 1));
	for(i = 1; i <= 64; i++)
		CHECK(im_trans_add_outcome(t, i, 100 + i, 1) == 0);
	CHECK(im_trans_add_outcome(t, 65, 200, 1) < 0);
	CHECK(im_trans_outcome(t, 64)->code == 164);
}

static void add_events(im_store_t *store, im_stored_t **events)
{
	im_extra_t none = {0};
	int i;

	im_store_init(store, 8, 1000);
	for(i = 0; i < 3; i++)
		events[i] = im_store_add(store, 7, i, im_text("p"), none);
}

/* What only the sidecar may ask for again is forgotten when it knows. */
static void check_told_transactions(void)
{
	im_trans_t *a, *b, *c;

	im_stored_t *events[3];
	im_store_t one, other;

	add_events(&one, events);
	im_store_init(&other, 4, 1000);
	CHECK(im_trans_init(4, 1000) == 0);
	a = add_trans("a", 1, "ta");
	b = add_trans("b", 0, "tb");
	c = add_trans("c", 0, "tc");
	im_trans_end(a, 487);
	im_trans_told(a, events[0]);
	im_trans_told(b, events[1]);
	im_trans_end(c, 200);
	im_trans_told(c, events[2]);
	im_store_confirm(&one, events[1]->sequence);
	CHECK(im_trans_count() == 3);
	/* where the event has gone counts, not where it was */
	CHECK(im_store_move(&one, events[2], &other) == other.first);
	im_store_confirm(&one, one.sequence);
	CHECK(im_trans_count() == 3 && one.count == 0);
	im_store_confirm(&other, other.sequence);
	CHECK(im_trans_count() == 2 && !im_trans_find(im_text("c")));
	im_trans_sweep(a->ended_at + 1000, 0);
	CHECK(im_trans_count() == 1 && im_trans_pending() == b);
}

/* Who has what, as long as it is pending. */
static void check_held(void)
{
	im_trans_t *a, *b;

	CHECK(im_trans_init(4, 1000) == 0);
	a = add_trans("a", 1, "ta");
	b = add_trans("b", 0, "tb");
	im_trans_set_holder(a, 2);
	im_trans_set_holder(b, 2);
	CHECK(im_trans_held_by(2) == 2 && im_trans_held_by(0) == 0);
	CHECK(im_trans_keep_request(a, im_text("request")) == 0);
	im_trans_set_holder(a, 0);
	im_trans_accept(a, 200);
	CHECK(im_trans_held_by(0) == 0 && !a->request.len);
	im_trans_end(b, 200);
	CHECK(im_trans_held_by(2) == 0);
	/* all is confirmed that told of it */
	im_trans_over(b);
	im_trans_over(a);
	CHECK(im_trans_count() == 1 && im_trans_find(im_text("a")) == a);
}

static void test_answered(void)
{
	im_answer_t answer = {0};
	im_event_t e = {0};
	im_trans_t *t;

	CHECK(im_trans_init(4, 1000) == 0);
	e.udp = 1;
	e.branch = im_text("z1");
	e.uri = im_text("sip:a");
	e.dialog.call_id = im_text("call");
	e.dialog.from_tag = im_text("from");
	e.dialog.to_tag = im_text("t1");
	e.dialog.cseq = 7;
	t = im_trans_new(&e, "a");
	CHECK(t && !im_trans_find_answered(&e));
	t->answer = &answer;
	e.dialog.to_tag = im_text("t2");
	CHECK(im_trans_find_answered(&e) == t);
	CHECK(!im_trans_find_dialog(&e.dialog, 0));
	e.branch = im_text("z2");
	CHECK(!im_trans_find_answered(&e));
	t->answer = NULL;
	/* an INVITE by its dialog and its URI, whatever its branch */
	e.invite = 1;
	t = im_trans_new(&e, "b");
	t->answer = &answer;
	e.branch = im_text("z3");
	CHECK(im_trans_find_answered(&e) == t);
	e.uri = im_text("sip:b");
	CHECK(!im_trans_find_answered(&e));
	t->answer = NULL;
}

void test_trans(void)
{
	im_dialog_ids_t d = {im_text("call"), im_text("from"), {"", 0}, 7};
	im_answer_t accepted = {0};
	im_trans_t *a, *b, *c;

	CHECK(im_trans_init(3, 1000) == 0);
	a = add_trans("a", 1, "ta");
	b = add_trans("b", 0, "tb");
	c = add_trans("c", 1, "tc");
	CHECK(a && b && c && im_trans_pending() == a);
	CHECK(!add_trans("d", 1, "td"));
	CHECK(im_trans_find(im_text("b")) == b && !im_trans_find(im_text("x")));
	CHECK(im_trans_find_dialog(&d, 0) != NULL);
	CHECK(!im_trans_find_dialog(&d, 1));
	a->answer = &accepted;
	CHECK(im_trans_find_dialog(&d, 1) == a);
	d.to_tag = im_text("tc");
	CHECK(!im_trans_find_dialog(&d, 1) && im_trans_find_dialog(&d, 0) == c);
	a->answer = NULL;
	d.cseq = 8;
	CHECK(!im_trans_find_dialog(&d, 0));
	check_outcomes(a);
	CHECK(im_trans_set_to_tag(a, im_text("other")) == 0);
	CHECK(im_slice_eq(a->dialog.to_tag, im_text("other"))
			&& im_slice_eq(a->dialog.call_id, im_text("call")));

	im_trans_accept(a, 200);
	im_trans_end(b, 404);
	CHECK(im_trans_pending() == c && im_trans_pending_count() == 1);
	CHECK(im_trans_accepted_count() == 1 && im_trans_count() == 3);
	/* room is made at the cost of what has ended */
	CHECK(add_trans("d", 1, "td") && !im_trans_find(im_text("b")));
	CHECK(!add_trans("e", 1, "te"));
	im_trans_end(a, 200);
	im_trans_sweep(a->ended_at + 999, 0);
	CHECK(im_trans_count() == 3);
	/* a sidecar that has just come back may still ask */
	im_trans_sweep(a->ended_at + 1999, a->ended_at + 1000);
	CHECK(im_trans_count() == 3);
	im_trans_sweep(a->ended_at + 1000, 0);
	CHECK(im_trans_count() == 2 && !im_trans_find(im_text("a")));
	test_answered();
	check_told_transactions();
	check_held();
}

static im_key_t *add_key(const char *name, const char *call_id)
{
	im_action_t a = {0};

	a.action_key = im_text(name);
	a.method = im_text("INVITE");
	a.call_id = im_text(call_id);
	a.from_tag = im_text("f");
	a.cseq = 1;
	return im_key_new(&a);
}

static void check_forks(im_key_t *key)
{
	im_action_t ack = {0};
	im_header_t h = {{"Route", 5}, {"<sip:r;lr>", 10}};
	im_fork_t *f;
	char tag[16];
	int i;

	CHECK(!im_key_fork(key, im_text("t0")));
	for(i = 0; i < IM_FORKS_MAX; i++) {
		snprintf(tag, sizeof(tag), "t%d", i);
		CHECK(im_key_add_fork(key, im_text(tag)) != NULL);
	}
	CHECK(!im_key_add_fork(key, im_text("more")));
	f = im_key_fork(key, im_text("t3"));
	CHECK(f && !f->ack);
	ack.uri = im_text("sip:u@h");
	ack.headers = &h;
	ack.header_count = 1;
	ack.body = im_text("sdp");
	CHECK(im_fork_keep_ack(f, &ack) == 0);
	CHECK(im_slice_eq(f->ack->headers, im_text("Route: <sip:r;lr>\r\n")));
	CHECK(im_slice_eq(f->ack->uri, im_text("sip:u@h")));
	CHECK(im_slice_eq(f->ack->body, im_text("sdp")) && !f->ack->next_hop.len);
}

static int forgotten_count = 0;

static void count_forgotten(im_key_t *key)
{
	forgotten_count++;
}

/* What is no INVITE is forgotten when the sidecar knows its answer. */
static void check_told_keys(void)
{
	im_key_t *a, *b;

	im_stored_t *events[3];
	im_store_t store;

	add_events(&store, events);
	CHECK(im_keys_init(3, 1000) == 0);
	a = add_key("a", "c1");
	b = add_key("b", "c2");
	b->invite = 0;
	im_key_end(a, events[0]);
	im_key_end(b, events[1]);
	im_keys_sweep(b->ended_at + 5000, b->ended_at + 5000);
	im_store_confirm(&store, events[0]->sequence);
	CHECK(im_keys_count() == 2);
	im_store_confirm(&store, store.sequence);
	CHECK(im_keys_count() == 1 && im_key_find(im_text("a")) == a);
}

void test_keys(void)
{
	im_dialog_ids_t d = {im_text("c1"), im_text("f"), {"", 0}, 1};
	im_key_t *a, *b;

	im_keys_on_forget(count_forgotten);
	CHECK(im_keys_init(2, 1000) == 0);
	a = add_key("a", "c1");
	b = add_key("b", "c2");
	CHECK(a && b && a->invite && !add_key("c", "c3"));
	CHECK(im_key_find(im_text("a")) == a && !im_key_find(im_text("z")));
	CHECK(im_key_find_number(b->number) == b && !im_key_find_number(99));
	CHECK(!im_key_find_dialog(&d));
	CHECK(im_key_list_dialog(a) == 0 && im_key_find_dialog(&d) == a);
	check_forks(a);
	CHECK(im_key_keep_latest(a, im_text("one")) == 0
			&& im_key_keep_latest(a, im_text("two")) == 0
			&& im_slice_eq(a->latest, im_text("two")));
	im_key_end(a, NULL);
	/* a late fork keeps it alive longer */
	im_key_end(a, NULL);
	CHECK(add_key("c", "c3") && !im_key_find(im_text("a")));
	CHECK(forgotten_count == 1 && !im_key_find_dialog(&d));
	im_key_end(b, NULL);
	im_keys_sweep(b->ended_at + 1999, b->ended_at + 1000);
	CHECK(im_keys_count() == 2 && im_key_find(im_text("b")) == b);
	im_keys_sweep(b->ended_at + 1000, 0);
	CHECK(im_keys_count() == 1 && forgotten_count == 2);
	check_told_keys();
	im_keys_on_forget(NULL);
}

/* Half used is tight, and a large one is in nobody's way. */
void test_tight_window(void)
{
	im_key_t keys[4];
	im_slice_t hop = im_text("sip:192.0.2.7");
	int i;

	memset(keys, 0, sizeof(keys));
	for(i = 0; i < 4; i++)
		keys[i].window = -1;
	CHECK(im_window_enter(&keys[0], hop, 9000, 20000) == 1);
	CHECK(!im_window_tight());
	CHECK(im_window_enter(&keys[1], hop, 9000, 20000) == 1);
	CHECK(im_window_tight());
	CHECK(im_window_enter(&keys[2], hop, 9000, 20000) == 0);
	CHECK(im_window_waiting_bytes() == 9000);
	CHECK(im_window_enter(&keys[3], hop, 500, 20000) == 1);
	im_window_leave(&keys[0]);
	CHECK(!im_window_tight());
	CHECK(im_window_next(keys[2].window, 20000) == &keys[2]);
	CHECK(im_window_waiting_bytes() == 0);
	for(i = 1; i < 4; i++)
		im_window_leave(&keys[i]);
	CHECK(!im_window_tight());
}

void test_window(void)
{
	static im_key_t keys[4];
	im_slice_t hop = im_text("sip:h");
	int i, w;

	for(i = 0; i < 4; i++)
		keys[i].window = -1;
	/* one that is larger than the window goes alone */
	CHECK(im_window_enter(&keys[0], hop, 2000, 1000) == 1);
	CHECK(im_window_enter(&keys[1], hop, 400, 1000) == 0);
	CHECK(im_window_enter(&keys[2], hop, 400, 1000) == 0);
	CHECK(im_window_enter(&keys[3], hop, 400, 1000) == 0);
	CHECK(keys[2].state == IM_KEY_WAITING && im_window_waiting() == 3);
	im_window_abandon(&keys[2]);
	w = keys[0].window;
	CHECK(!im_window_next(w, 1000));
	im_window_leave(&keys[0]);
	im_window_leave(&keys[0]);
	CHECK(im_window_next(w, 1000) == &keys[1]);
	CHECK(im_window_next(w, 1000) == &keys[3]);
	CHECK(!im_window_next(w, 1000) && im_window_waiting() == 0);
	im_window_leave(&keys[1]);
	im_window_leave(&keys[3]);
}
