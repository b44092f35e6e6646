/*
 * im_sidecar: tests of framing, store, table, timers, texts and marks
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "check.h"
#include "guess.h"
#include "list.h"
#include "mark.h"
#include "owners.h"
#include "reply_text.h"
#include "slot.h"
#include "store.h"
#include "table.h"
#include "timers.h"
#include "unit.h"
#include "utf8.h"

static int is(im_slice_t v, const char *expected)
{
	return im_slice_eq(v, im_text(expected));
}

void test_frame(void)
{
	im_extra_t extra = {1, {"key", 3}}, none = {0};
	char out[64];
	int size;

	size = im_frame_size(300, 9, im_text("ab"), extra);
	memset(out, 'x', sizeof(out));
	im_frame_write(out, 300, 9, im_text("ab"), extra);
	/* events { sequence: 300  9 { 1: "key" ab } } */
	CHECK(size == 14);
	CHECK(memcmp(out, "\x0a\x0c\x08\xac\x02\x4a\x07\x0a\x03keyab", 14) == 0);
	CHECK(out[14] == 'x');
	/* number 0 is not written */
	CHECK(im_frame_size(0, 2, im_text("a"), none) == 5);
	im_frame_write(out, 0, 2, im_text("a"), none);
	CHECK(memcmp(out,
				  "\x0a\x03\x12\x01"
				  "a",
				  5)
			== 0);
}

void test_store(void)
{
	static char large[3000];
	im_extra_t none = {0};
	im_store_t store;
	int i;

	im_store_init(&store, 4, 1000);
	for(i = 0; i < 4; i++)
		CHECK(im_store_add(&store, 3, 5, im_text("p"), none)->sequence
				== i + 1);
	CHECK(im_store_full(&store));
	/* twice the bound is for events that are no requests */
	for(i = 0; i < 4; i++)
		CHECK(im_store_add(&store, 3, 5, im_text("p"), none) != NULL);
	CHECK(im_store_add(&store, 3, 5, im_text("p"), none) == NULL);
	im_store_confirm(&store, 99);
	CHECK(store.count == 8);
	im_store_confirm(&store, 6);
	CHECK(store.count == 2 && store.first->sequence == 7);
	CHECK(!im_store_full(&store));
	CHECK(im_store_add(&store, 3, 5, im_text("p"), none)->sequence == 9);
	im_store_confirm(&store, 9);
	CHECK(store.count == 0 && store.bytes == 0 && !store.first && !store.last);
	for(i = 0; i < 4; i++)
		im_store_add(&store, i % 2 ? 3 : 4, 5, im_text("p"), none);
	im_store_forget(&store, 4);
	CHECK(store.count == 2 && store.first->sequence == 11);
	CHECK(store.last->sequence == 13 && !store.last->next);
	im_store_forget(&store, 3);
	CHECK(store.count == 0 && store.bytes == 0 && !store.first && !store.last);
	CHECK(im_store_add(&store, 3, 5, im_slice(large, sizeof(large)), none)
			== NULL);
}

/* A moved event is numbered anew, framed anew and found under its number. */
void test_store_move(void)
{
	im_extra_t extra = {1, {"key", 3}}, none = {0};
	im_store_t a, b;
	im_stored_t *e[3], *moved;
	char out[64];
	int i;

	im_store_init(&a, 8, 1000);
	im_store_init(&b, 1, 1000);
	for(i = 0; i < 3; i++)
		e[i] = im_store_add(&a, 8, 1023, im_text("ab"), extra);
	im_store_add(&b, 3, 0, im_text("p"), none);
	CHECK(a.slots[1023] == 3 && im_store_find(&a, e[1]->sequence) == e[1]);
	CHECK(!im_store_find(&a, e[0]->sequence - 1));
	CHECK(!im_store_find(&a, b.sequence));
	/* in spite of the bound */
	moved = im_store_move(&a, e[1], &b);
	CHECK(moved && moved == b.last && moved->sequence == b.sequence);
	CHECK(a.slots[1023] == 2 && b.slots[1023] == 1 && a.count == 2);
	CHECK(a.first == e[0] && a.last == e[2] && e[2]->prev == e[0]);
	CHECK(im_store_find(&a, e[2]->sequence) == e[2]);
	CHECK(moved->len
			== im_frame_size(moved->sequence, 8, im_text("ab"), extra));
	im_frame_write(out, moved->sequence, 8, im_text("ab"), extra);
	CHECK(!memcmp(out, moved->bytes, moved->len));
	im_store_confirm(&a, a.sequence);
	im_store_confirm(&b, b.sequence);
	CHECK(a.bytes == 0 && b.bytes == 0 && !a.first && !b.last);
}

void test_slot(void)
{
	im_slice_t call = im_text("abc@example.com");
	int slot;

	CHECK(im_slot_of_text(im_text("")) == 2166136261u % 1024);
	CHECK(im_slot_of_text(call) == im_hash(call) % 1024);
	CHECK(im_hash(im_text("a")) == 0xe40c292cu);
	CHECK(im_slot_of_id(im_text("xab")) == 1);
	CHECK(im_slot_of_id(im_text("x77")) == 1023);
	CHECK(im_slot_of_id(im_text("X1")) == im_slot_of_text(im_text("X1")));
	CHECK(im_slot_of_key(im_text("su-xb2/p/NOTIFY/7")) == 32 + 26);
	CHECK(im_slot_of_call_id(im_text("secret-ds-xxba-part")) == 32);
	CHECK(im_slot_of_call_id(call) == im_slot_of_text(call));
	CHECK(im_slot_of_request(
			im_text("sip:aaaaaaaaaaaaaaaaaaaaaaaaba@h"), call, &slot));
	CHECK(slot == 32);
	CHECK(im_slot_of_request(
			im_text("sips:xd-aaaaaaaaaaaaaaaaaaaaaaaabb-t@h:5"), call, &slot));
	CHECK(slot == 33);
	CHECK(!im_slot_of_request(
			im_text("sip:aaaaaaaaaaaaaaaaaaaaaaaaaba@h"), call, &slot));
	CHECK(slot == im_slot_of_text(call));
	CHECK(!im_slot_of_request(im_text("sip:h"), call, &slot));
	CHECK(!im_slot_of_request(im_text(""), im_text(""), &slot));
}

static unsigned guess_key(
		im_session_case_t session_case, const char *uri, const char *sender)
{
	im_slice_t identity = im_text(sender);
	im_request_t request = {.uri = im_text(uri),
			.identities = &identity,
			.identity_count = sender[0] != 0,
			.session_case = session_case};

	return im_guess_key(&request);
}

void test_guess(void)
{
	unsigned key = guess_key(IM_CASE_TERMINATING, "sip:b@h", "sip:a@h");
	int slot = 7;

	/* each half is that of one, whoever the other is */
	CHECK(key == guess_key(IM_CASE_TERMINATING, "sip:b@h", "sip:c@h"));
	CHECK(key != guess_key(IM_CASE_TERMINATING, "sip:c@h", "sip:a@h"));
	CHECK(guess_key(IM_CASE_ORIGINATING, "sip:b@h", "sip:a@h")
			== guess_key(IM_CASE_ORIGINATING, "sip:c@h", "sip:a@h"));
	CHECK(guess_key(IM_CASE_UNSPECIFIED, "sip:b@h", "sip:a@h")
			!= guess_key(IM_CASE_UNSPECIFIED, "sip:b@h", "sip:c@h"));
	CHECK(guess_key(IM_CASE_UNSPECIFIED, "sip:b@h", "sip:a@h")
			!= guess_key(IM_CASE_UNSPECIFIED, "sip:c@h", "sip:a@h"));
	CHECK(guess_key(IM_CASE_ORIGINATING, "sip:b@h", "") != 0);
	im_guess(key, &slot);
	CHECK(slot == 7);
	im_guess_learn(key, 1023);
	im_guess(0, &slot);
	CHECK(slot == 7);
	im_guess(key, &slot);
	CHECK(slot == 1023);
	/* what shares its place takes it, and is not taken for it */
	im_guess_learn(key + 65536, 5);
	slot = 7;
	im_guess(key, &slot);
	CHECK(slot == 7);
	im_guess(key + 65536, &slot);
	CHECK(slot == 5);
}

void test_owners(void)
{
	static im_owners_t owners;
	char slots[IM_SLOTS];
	im_header_t nodes[] = {
			{im_text("a"), im_text("unix:/a")}, {im_text("b"), im_text("")}};
	im_action_t table = {0};

	memset(slots, 1, sizeof(slots));
	slots[7] = 0;
	slots[8] = (char)255;
	slots[9] = 2;
	table.headers = nodes;
	table.header_count = 2;
	table.body = im_slice(slots, sizeof(slots));
	table.sequence = 5;
	CHECK(im_owners_update(&owners, &table) && owners.version == 5);
	CHECK(im_owners_of(&owners, 7) == 0 && im_owners_of(&owners, 6) == 1);
	CHECK(im_owners_of(&owners, 8) == -1 && im_owners_of(&owners, 9) == -1);
	CHECK(im_owners_place(&owners, "b") == 1);
	CHECK(im_owners_place(&owners, "c") == -1);
	CHECK(!im_owners_update(&owners, &table));
	table.sequence = 4;
	CHECK(!im_owners_update(&owners, &table));
	im_owners_doubt(&owners);
	table.body.len--;
	CHECK(!im_owners_update(&owners, &table));
	table.body.len++;
	CHECK(im_owners_update(&owners, &table) && owners.version == 4);
}

typedef struct thing
{
	int number;
	im_entry_t entry;
	char key[16];
} thing_t;

void test_table(void)
{
	static thing_t things[1000];
	im_table_t table;
	int i, found = 0;

	CHECK(im_table_init(&table, 64) == 0);
	for(i = 0; i < 1000; i++) {
		things[i].number = i;
		snprintf(things[i].key, sizeof(things[i].key), "key%d", i);
		im_table_add(&table, &things[i].entry, im_text(things[i].key));
	}
	for(i = 0; i < 1000; i++) {
		im_entry_t *e = im_table_find(&table, im_text(things[i].key));
		found += e && im_owner(e, thing_t, entry)->number == i;
	}
	CHECK(found == 1000);
	for(i = 0; i < 1000; i += 2)
		im_table_remove(&table, &things[i].entry);
	im_table_remove(&table, &things[0].entry);
	CHECK(table.count == 500);
	CHECK(!im_table_find(&table, im_text("key0")));
	CHECK(im_table_find(&table, im_text("key1")) == &things[1].entry);
	CHECK(!im_table_find(&table, im_text("nobody")));
	im_table_free(&table);
}

static int64_t fired[100];
static int fired_count = 0;

static void on_fire(im_timer_t *timer)
{
	fired[fired_count++] = timer->at;
}

void test_timers(void)
{
	static im_timer_t timers[50];
	int i, ordered = 1;

	for(i = 0; i < 50; i++) {
		timers[i].fire = on_fire;
		CHECK(im_timer_set(&timers[i], (i * 37) % 50) == 0);
	}
	im_timer_set(&timers[7], 1000);
	im_timer_clear(&timers[8]);
	im_timer_clear(&timers[8]);
	CHECK(im_timers_wait(0, 500) == 0);
	im_timers_run(49);
	CHECK(fired_count == 48);
	for(i = 1; i < fired_count; i++)
		ordered &= fired[i - 1] <= fired[i];
	CHECK(ordered);
	CHECK(im_timers_wait(900, 500) == 100);
	CHECK(im_timers_wait(0, 500) == 500);
	im_timers_run(1000);
	CHECK(fired_count == 49 && timers[7].slot == 0);
	CHECK(im_timers_wait(0, 500) == 500);
}

static void check_lists(void)
{
	im_slice_t rest = im_text(
			"\"a, b\" <sip:a@x;p=1,2>, <tel:+1>,, \"\\\"\" <sip:c@x> , ");
	im_slice_t e;

	CHECK(im_list_next(&rest, &e) && is(e, "\"a, b\" <sip:a@x;p=1,2>"));
	CHECK(im_list_next(&rest, &e) && is(e, "<tel:+1>"));
	CHECK(im_list_next(&rest, &e) && is(e, "\"\\\"\" <sip:c@x>"));
	CHECK(!im_list_next(&rest, &e));
	rest = im_text("\"open \\");
	CHECK(im_list_next(&rest, &e) && is(e, "\"open \\"));
}

static const char *check_one(const char *name, im_slice_t value)
{
	im_header_t h = {im_text(name), value};

	return im_check_headers(&h, 1, 10);
}

static void check_headers(void)
{
	im_header_t two[2] = {{{"A", 1}, {"b", 1}}, {{"C", 1}, {NULL, 0}}};
	char out[32];

	CHECK(check_one("X-A", im_text("b; c=\"d\"")) == NULL);
	CHECK(check_one("X-A", im_text("caf\xc3\xa9")) == NULL);
	CHECK(check_one("X-A", im_text("a\r\nVia: b")) != NULL);
	CHECK(check_one("X-A", im_text("a\nb")) != NULL);
	CHECK(check_one("X-A", im_slice("a\0b", 3)) != NULL);
	CHECK(check_one("X A", im_text("b")) != NULL);
	CHECK(check_one("X:A", im_text("b")) != NULL);
	CHECK(check_one("", im_text("b")) != NULL);
	CHECK(check_one("content-length", im_text("5")) != NULL);
	CHECK(check_one("v", im_text("b")) != NULL);
	CHECK(im_check_headers(two, 2, 1) != NULL);
	CHECK(im_headers_size(two, 2) == 11);
	CHECK(im_headers_write(out, two, 2) == out + 11);
	CHECK(memcmp(out, "A: b\r\nC: \r\n", 11) == 0);
	CHECK(im_is_token(im_text("INVITE"), 32) && !im_is_token(im_text(""), 32));
	CHECK(!im_is_token(im_text("IN VITE"), 32));
	CHECK(!im_is_token(im_text("INVITE"), 3));
	CHECK(im_is_call_id(im_text("a-b@[::1]")));
	CHECK(!im_is_call_id(im_text("a b")) && !im_is_call_id(im_text("")));
}

static void check_utf8(void)
{
	CHECK(im_utf8_valid(im_text("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")));
	CHECK(!im_utf8_valid(im_text("\xff")));
	CHECK(!im_utf8_valid(im_text("\xc0\x80")));
	CHECK(!im_utf8_valid(im_text("\xed\xa0\x80")));
	CHECK(!im_utf8_valid(im_text("\xe2\x82")));
	CHECK(!im_utf8_valid(im_text("\xf4\x90\x80\x80")));
}

static void check_reply_text(void)
{
	const char *request = "INVITE a SIP/2.0\r\nVia: v\r\nTo: <t>\r\n\r\n";
	im_request_places_t p;
	char route[80], *text;
	int len;

	p.to_end = (int)(strstr(request, "<t>") + 3 - request);
	p.record_route = (int)(strstr(request, "To:") - request);
	text = im_reply_text(
			im_text(request), &p, im_text("x"), im_text("RR\r\n"), &len);
	CHECK(text && len == (int)strlen(text)
			&& strcmp(text, "INVITE a SIP/2.0\r\nVia: v\r\nRR\r\n"
							"To: <t>;tag=x\r\n\r\n")
					   == 0);
	free(text);
	/* the first Record-Route may stand behind To */
	p.record_route = p.to_end + 2;
	text = im_reply_text(
			im_text(request), &p, im_text("x"), im_text("RR\r\n"), &len);
	CHECK(text && strstr(text, "To: <t>;tag=x\r\nRR\r\n\r\n"));
	free(text);
	text = im_reply_text(im_text(request), &p, im_text(""), im_text(""), &len);
	CHECK(text && strcmp(text, request) == 0);
	free(text);
	p.to_end = 1000;
	CHECK(!im_reply_text(im_text(request), &p, im_text(""), im_text(""), &len));
	CHECK(im_record_route(
				  route, sizeof(route), im_text("h"), 5060, im_text("udp"))
					> 0
			&& strcmp(route, "Record-Route: <sip:h:5060;lr>\r\n") == 0);
	CHECK(im_record_route(
				  route, sizeof(route), im_text("[::1]"), 1, im_text("tcp"))
					> 0
			&& strcmp(route, "Record-Route: <sip:[::1]:1;transport=tcp;lr>\r\n")
					   == 0);
	CHECK(im_record_route(route, 20, im_text("h"), 1, im_text("tcp")) < 0);
}

void test_text(void)
{
	check_lists();
	check_headers();
	check_utf8();
	check_reply_text();
}

void test_mark(void)
{
	/* RFC 4231, test cases 2 and 6 */
	im_slice_t data = im_text("what do ya want for nothing?");
	im_slice_t longer =
			im_text("Test Using Larger Than Block-Size Key - Hash Key First");
	im_slice_t secret = im_text("s"), id = im_text("call"),
			   tag = im_text("tag");
	im_slice_t done = im_text(IM_MARK_USER);
	unsigned char digest[32];
	char key[131], mark[IM_MARK_LEN], hex[9];

	im_hmac_sha256(im_text("Jefe"), &data, 1, digest);
	snprintf(hex, sizeof(hex), "%02x%02x%02x%02x", digest[0], digest[1],
			digest[2], digest[31]);
	CHECK(strcmp(hex, "5bdcc143") == 0);
	memset(key, 0xaa, sizeof(key));
	im_hmac_sha256(im_slice(key, 131), &longer, 1, digest);
	snprintf(hex, sizeof(hex), "%02x%02x%02x%02x", digest[0], digest[1],
			digest[2], digest[31]);
	CHECK(strcmp(hex, "60e43154") == 0);

	im_mark_make(secret, id, tag, done, mark);
	CHECK(im_mark_valid(secret, id, tag, done, im_slice(mark, IM_MARK_LEN)));
	CHECK(!im_mark_valid(
			secret, id, tag, im_text("orig"), im_slice(mark, IM_MARK_LEN)));
	CHECK(!im_mark_valid(secret, im_text("callt"), im_text("ag"), done,
			im_slice(mark, IM_MARK_LEN)));
	CHECK(!im_mark_valid(
			im_text("t"), id, tag, done, im_slice(mark, IM_MARK_LEN)));
	CHECK(!im_mark_valid(secret, id, tag, done, im_slice(mark, 31)));
	CHECK(!im_mark_valid(secret, id, tag, done, im_slice(NULL, 0)));
	mark[5] ^= 1;
	CHECK(!im_mark_valid(secret, id, tag, done, im_slice(mark, IM_MARK_LEN)));
}
