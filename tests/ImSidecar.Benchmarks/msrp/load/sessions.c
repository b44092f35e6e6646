/*
 * msrp load: sessions
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "sessions.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth.h"
#include "options.h"
#include "stats.h"

#define OPEN_AT_ONCE 64
#define OPEN_US 120000000

#define CPIM                                                          \
	"From: <sip:user0@example.com>\r\nTo: <sip:room@example.com>\r\n" \
	"DateTime: 2026-11-26T12:00:00Z\r\n\r\n"                          \
	"Content-Type: text/plain\r\n\r\n"

static session_t *sessions;
static int session_count, opened, is_fan;
static char *body;
static int body_len;

static const char *scheme(void)
{
	return options.certificate ? "msrps" : "msrp";
}

static void uri(char to[160], const struct sockaddr_in *at, const char *id)
{
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &at->sin_addr, host, sizeof(host));
	snprintf(to, 160, "%s://%s:%d%s%s;tcp", scheme(), host, ntohs(at->sin_port),
			*id ? "/" : "", id);
}

/* Each session's peer has an address of its own, so that there is a connection for each. */
static struct sockaddr_in peer_of(int index)
{
	struct sockaddr_in at = options.from;

	at.sin_addr.s_addr = htonl(ntohl(at.sin_addr.s_addr) + index);
	return at;
}

static void make_body(void)
{
	int i, skip = is_fan ? (int)strlen(CPIM) : 0;

	body_len = options.size + skip;
	body = malloc(body_len);
	if(!body)
		die("malloc");
	memcpy(body, CPIM, skip);
	for(i = skip; i < body_len; i++)
		body[i] = 'a' + i % 26;
}

static void be_open(session_t *session)
{
	session->is_open = 1;
	opened++;
}

/* A SEND without body binds the leg of a switch to this connection. */
static void bind_leg(session_t *session)
{
	char *p = conn_room(session->sender, 2048);

	conn_wrote(session->sender,
			snprintf(p, 2048,
					"MSRP bind%06d SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
					"Message-ID: bind%06d\r\n-------bind%06d$\r\n",
					session->sender->index, session->path, session->own,
					session->sender->index, session->sender->index));
}

static void ask_relay(session_t *session, const slice_t *challenge)
{
	char relay[160];
	char *p = conn_room(session->sender, 2048);

	uri(relay, &options.to, "");
	conn_wrote(session->sender,
			auth_write(p, 2048, relay, session->own, challenge));
}

/* The relay's URIs stand before that of the peer. */
static void use_path(session_t *session, slice_t path)
{
	char peer[160], name[32];
	struct sockaddr_in at = peer_of(session->sender->index);

	snprintf(name, sizeof(name), "peer%06d", session->sender->index);
	uri(peer, &at, name);
	snprintf(session->path, sizeof(session->path), "%.*s %s", path.len, path.s,
			peer);
}

static void on_opening(session_t *session, const frame_t *answer)
{
	if(options.user && answer->status == 401 && answer->challenge.len
			&& !session->answered) {
		session->answered = 1;
		ask_relay(session, &answer->challenge);
		return;
	}
	if(answer->status != 200 || (options.user && !answer->use_path.len)) {
		fprintf(stderr, "msrp load: a session was refused: %d\n",
				answer->status);
		exit(69);
	}
	if(options.user)
		use_path(session, answer->use_path);
	session->answered = 0;
	be_open(session);
}

static void reply(conn_t *conn, const frame_t *request)
{
	char *p = conn_room(conn, 2048);

	conn_wrote(conn, frame_answer(p, 2048, request));
}

static void deliver(session_t *session, const frame_t *frame)
{
	counters.bytes += frame->body.len;
	if(frame->flag != '$')
		return;
	session->delivered++;
	counters.messages++;
}

/* What comes to who sends, or hears in a switch. */
static void take(conn_t *conn, const frame_t *frame)
{
	session_t *session = conn->session;

	if(frame->method.len) {
		if(!is(frame->method, "SEND"))
			return;
		reply(conn, frame);
		if(is_fan && frame->body.len)
			deliver(&sessions[0], frame);
		return;
	}
	if(!session->is_open) {
		on_opening(session, frame);
		return;
	}
	session->answered++;
	counters.answers++;
	counters.refused += frame->status != 200;
}

/* What comes to the peer of a relayed session: whose it is its own URI says. */
static void take_relayed(conn_t *conn, const frame_t *frame)
{
	slice_t id;

	if(!is(frame->method, "SEND"))
		return;
	reply(conn, frame);
	if(!conn->session) {
		id = session_of(last_of(frame->to_path));
		if(id.len != 10 || atoi(id.s + 4) >= session_count) {
			fprintf(stderr, "msrp load: this is for nobody: %.*s\n",
					frame->to_path.len, frame->to_path.s);
			exit(65);
		}
		conn->session = &sessions[atoi(id.s + 4)];
	}
	deliver(conn->session, frame);
}

static void session_start(int i)
{
	session_t *session = &sessions[i];
	struct sockaddr_in own = {.sin_family = AF_INET}, at = peer_of(i);
	char name[32], peer[160];

	/* More connections than one address has ports for. */
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x20000 + i / 10000);
	session->sender = conn_open(&options.to, &own, take);
	session->sender->index = i;
	session->sender->session = session;
	/* Nobody connects to there. */
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	own.sin_port = htons(9);
	snprintf(name, sizeof(name), "client%06d", i);
	uri(session->own, &own, name);
	if(options.user) {
		ask_relay(session, NULL);
		return;
	}
	snprintf(name, sizeof(name), "leg%06d-0123456789abcdef", i);
	uri(session->path, &options.to, name);
	if(options.from.sin_port) {
		snprintf(name, sizeof(name), "peer%06d", i);
		uri(peer, &at, name);
		snprintf(session->path + strlen(session->path), 200, " %s", peer);
		be_open(session);
	} else {
		bind_leg(session);
	}
}

void sessions_open(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	uint64_t until = now_us() + OPEN_US;
	int next = 0;

	is_fan = !strcmp(options.mode, "fan");
	make_body();
	session_count = options.sessions;
	sessions = calloc(session_count, sizeof(*sessions));
	if(!sessions)
		die("calloc");
	any.sin_port = options.from.sin_port;
	if(any.sin_port)
		conn_listen(&any, take_relayed);
	while(opened < session_count && now_us() < until) {
		while(next < session_count && next - opened < OPEN_AT_ONCE)
			session_start(next++);
		conn_turn(1);
	}
	if(opened < session_count) {
		fprintf(stderr, "msrp load: %d of %d sessions were opened\n", opened,
				session_count);
		exit(69);
	}
	if(is_fan) {
		sessions[0].hearers = session_count - 1;
		session_count = 1;
		return;
	}
	for(next = 0; next < session_count; next++)
		sessions[next].hearers = 1;
}

static void send_one(session_t *session)
{
	static unsigned long count = 0;
	int room = body_len + 2048, len;
	char *p = conn_room(session->sender, room);

	count++;
	len = snprintf(p, room,
			"MSRP t%012lx SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
			"Message-ID: m%012lx\r\nByte-Range: 1-%d/%d\r\n"
			"Content-Type: %s\r\n\r\n",
			count, session->path, session->own, count, body_len, body_len,
			is_fan ? "message/cpim" : "text/plain");
	memcpy(p + len, body, body_len);
	len += body_len;
	len += snprintf(p + len, room - len, "\r\n-------t%012lx$\r\n", count);
	conn_wrote(session->sender, len);
	session->sent++;
}

static int has_room(const session_t *session)
{
	/* Until the first one is there: the relay still connects to where it goes. */
	uint64_t window = session->delivered ? options.window : 1;

	return session->sent - session->answered < window
		   && session->sent * session->hearers - session->delivered
					  <= (window - 1) * session->hearers;
}

void sessions_send(void)
{
	int i;

	for(i = 0; i < session_count; i++) {
		while(has_room(&sessions[i]))
			send_one(&sessions[i]);
	}
}

uint64_t sessions_missing(void)
{
	uint64_t missing = 0;
	int i;

	for(i = 0; i < session_count; i++)
		missing +=
				sessions[i].sent * sessions[i].hearers - sessions[i].delivered;
	return missing;
}

int sessions_are_done(void)
{
	int i;

	for(i = 0; i < session_count; i++) {
		if(sessions[i].answered < sessions[i].sent)
			return 0;
	}
	return !sessions_missing();
}
