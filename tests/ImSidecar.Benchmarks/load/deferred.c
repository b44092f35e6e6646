/*
 * load: messages for users who are away, and how they come to them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "deferred.h"

#include <stdio.h>
#include <stdlib.h>

#include "conference.h"
#include "modes.h"
#include "msrp.h"
#include "net.h"
#include "options.h"
#include "stats.h"

#define TEXT_SIZE 200
#define MESSAGES_MAX 64 /* of one user, bits in got */

typedef struct user
{
	unsigned left;	/* messages so far */
	uint64_t got;	/* those that have come */
	uint64_t marks[MESSAGES_MAX];
	int highest;	/* of their numbers, from 1 on */
	unsigned cseq;	/* of his registration */
	int coming;		/* his unit is under way */
	int started;	/* something has come, be it the INVITE */
	uint64_t begun;
	char call_id[128]; /* of the INVITE */
	text_t *registration; /* as it was sent last, while it is repeated */
} user_t;

void (*on_left_all)(int ok);

static user_t *users;
static text_t out, text;

void deferred_init(void)
{
	users = calloc(options.users, sizeof(*users));
	if(!users) {
		fputs("load: out of memory\n", stderr);
		exit(70);
	}
}

/* Of each run others, but for those for whom somebody else has left something. */
static unsigned tag(void)
{
	return options.kept ? 0 : run_id;
}

static void write_text(int u, unsigned number)
{
	text.len = 0;
	text_add(&text, "kept %d %u ", u, number);
	while(text.len < TEXT_SIZE)
		text_add(&text, "%s", text.len % 8 ? "o" : " ");
}

static void leave(int u, int of_all);

static void left(exchange_t *e, const message_t *answer)
{
	int ok = answer && answer->code == 202;

	counters.refused += answer && !ok;
	if(!e->member)
		unit_done(e->conference, ok);
	else if(!ok || e->member == options.messages)
		on_left_all(ok);
	else
		leave(e->conference, e->member + 1);
}

/* of_all: the how manieth, 0: only this one. */
static void leave(int u, int of_all)
{
	exchange_t *e = exchange_begin(u, of_all, left);
	char branch[40];

	exchange_branch(e, branch);
	write_text(u, ++users[u].left);
	out.len = 0;
	text_add(&out,
			"MESSAGE sip:k%d.%x@%s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s;branch=%s\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:alice@elsewhere.example>;tag=k%u\r\n"
			"To: <sip:k%d.%x@%s>\r\n"
			"Call-ID: k%d.%u.%x@load\r\n"
			"CSeq: 1 MESSAGE\r\n"
			"P-Asserted-Identity: <sip:alice@elsewhere.example>\r\n"
			"Accept-Contact: *;+g.oma.sip-im\r\n",
			u, tag(), options.away, options.from_text, branch, users[u].left, u,
			tag(), options.away, u, users[u].left, run_id);
	text_add(&out,
			"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
			text.len, text.s);
	exchange_send(e, &out, 0);
}

void deferred_leave(int u)
{
	leave(u, 0);
}

void deferred_leave_all(int u)
{
	leave(u, 1);
}

static void registered(exchange_t *e, const message_t *answer)
{
	user_t *u = &users[e->conference];

	if(answer && answer->code < 300)
		return;
	counters.refused += answer != NULL;
	if(u->coming) {
		u->coming = 0;
		unit_done(e->conference, 0);
	}
}

/* As an S-CSCF registers him, 3GPP TS 24.229 5.4.1.7. */
static void send_register(int u)
{
	exchange_t *e = exchange_begin(u, 0, registered);
	char branch[40];

	exchange_branch(e, branch);
	out.len = 0;
	text_add(&out,
			"REGISTER sip:%s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s;branch=%s\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:scscf.%s>;tag=s\r\n"
			"To: <sip:k%d.%x@%s>\r\n"
			"Call-ID: r%d.%x@load\r\n"
			"CSeq: %u REGISTER\r\n"
			"Contact: <sip:scscf.%s>\r\n"
			"Expires: 3600\r\n"
			"Content-Length: 0\r\n\r\n",
			options.domain, options.from_text, branch, options.away, u, tag(),
			options.away, u, run_id, ++users[u].cseq, options.away);
	exchange_send(e, &out, 0);
	if(users[u].registration)
		*users[u].registration = out;
}

void deferred_come(int u)
{
	if(options.again && !users[u].registration)
		users[u].registration = malloc(sizeof(text_t));
	users[u].coming = 1;
	users[u].begun = now_us();
	send_register(u);
}

/* In turns what he sent once more, and a refresh of it. */
static void come_again(int u)
{
	if(!users[u].registration)
		return;
	if(users[u].highest % 2)
		net_send(users[u].registration->s, users[u].registration->len);
	else
		send_register(u);
}

static void has_started(int u)
{
	if(!users[u].started)
		histogram_add(&waves, now_us() - users[u].begun);
	users[u].started = 1;
}

static void check_done(int u)
{
	user_t *user = &users[u];

	if(!user->coming || __builtin_popcountll(user->got) < options.messages)
		return;
	histogram_add(&lasts, now_us() - user->begun);
	user->coming = 0;
	counters.units++;
	slot_spent(u);
}

static uint64_t hash(slice_t text)
{
	uint64_t h = 14695981039346656037ull;
	int i;

	for(i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.s[i]) * 1099511628211ull;
	return h;
}

void deferred_came(int u, const char *body, int len, slice_t mark)
{
	const char *at = memmem(body, len, "kept ", 5);
	user_t *user = &users[u];
	int whose, number;

	if(!at || sscanf(at, "kept %d %d", &whose, &number) != 2 || whose != u
			|| number < 1 || number >= MESSAGES_MAX) {
		counters.refused++;
		return;
	}
	if(user->got & 1ull << number) {
		if(user->marks[number] == hash(mark))
			counters.copies++;
		else
			counters.doubles++;
		return;
	}
	user->got |= 1ull << number;
	user->marks[number] = hash(mark);
	counters.notifies++;
	if(number < user->highest)
		counters.disorder++;
	else
		user->highest = number;
	come_again(u);
}

static void take_invite(int u, const message_t *request, const char *body, int len)
{
	char contact[256], description[512];
	int is_new = !is(sip_header(request, "Call-ID"), users[u].call_id);

	if(options.pages) {
		sip_response(&out, request, "488 Not Acceptable Here", "k", NULL, NULL);
		net_send(out.s, out.len);
		return;
	}
	if(is_new)
		copy_text(users[u].call_id, sizeof(users[u].call_id),
				sip_header(request, "Call-ID"));
	else
		counters.copies++;
	snprintf(contact, sizeof(contact),
			"Contact: <sip:k%d.%x@%s>\r\nContent-Type: application/sdp\r\n", u,
			tag(), options.from_text);
	snprintf(description, sizeof(description),
			"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
			"t=0 0\r\nm=message 9 TCP/MSRP *\r\n"
			"a=accept-types:message/cpim message/sip\r\n"
			"a=accept-wrapped-types:*\r\na=recvonly\r\na=setup:active\r\n"
			"a=path:msrp://127.0.0.1:9/k%d;tcp\r\n",
			u);
	sip_response(&out, request, "200 OK", "k", contact, description);
	net_send(out.s, out.len);
	if(is_new)
		msrp_connect(u, body, len);
}

int deferred_request(const message_t *request, const char *body, int len)
{
	int u;

	if(!users || sscanf(request->uri.s, "sip:k%d.", &u) != 1 || u < 0
			|| u >= options.users)
		return 0;
	if(is(request->method, "INVITE")) {
		has_started(u);
		take_invite(u, request, body, len);
		return 1;
	}
	if(is(request->method, "ACK"))
		return 1;
	sip_response(&out, request, "200 OK", NULL, NULL, NULL);
	net_send(out.s, out.len);
	if(is(request->method, "MESSAGE")) {
		has_started(u);
		deferred_came(u, body, len, sip_header(request, "Call-ID"));
		check_done(u);
	} else if(is(request->method, "BYE")) {
		msrp_close(u);
		check_done(u);
	}
	return 1;
}
