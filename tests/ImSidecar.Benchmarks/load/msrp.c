/*
 * load: the MSRP of those who are brought their messages, RFC 4975
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "msrp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deferred.h"
#include "net.h"
#include "options.h"
#include "sip.h"
#include "stats.h"

#define ROOM 65536
#define READY 64

typedef struct connection
{
	int fd; /* 0: none */
	int len;
	char path[256]; /* of the server */
	char *in;
} connection_t;

static connection_t *all = NULL;
static int group = -1;

static void fail(const char *what)
{
	fprintf(stderr, "load: msrp: %s: %s\n", what, strerror(errno));
	exit(71);
}

void msrp_close(int user)
{
	if(!all || !all[user].fd)
		return;
	close(all[user].fd);
	free(all[user].in);
	memset(&all[user], 0, sizeof(all[user]));
}

static void put(connection_t *c, const char *text, int len)
{
	if(send(c->fd, text, len, MSG_NOSIGNAL) != len)
		counters.lost++;
}

static slice_t field(const char *text, const char *end, const char *name)
{
	const char *at = memmem(text, end - text, name, strlen(name));
	const char *stop;

	if(!at)
		return (slice_t){"", 0};
	at += strlen(name);
	stop = memmem(at, end - at, "\r\n", 2);
	return (slice_t){at, (stop ? stop : end) - at};
}

/* RFC 4975 7.1.2, 7.2: 200, and a REPORT if one is wanted. */
static void confirm(int user, slice_t id, const char *text, const char *end)
{
	connection_t *c = &all[user];
	slice_t from = field(text, end, "\r\nFrom-Path: ");
	slice_t message = field(text, end, "\r\nMessage-ID: ");
	slice_t range = field(text, end, "\r\nByte-Range: ");
	static char out[2048];
	int n, size = 0;

	n = snprintf(out, sizeof(out),
			"MSRP %.*s 200 OK\r\nTo-Path: %.*s\r\n"
			"From-Path: msrp://127.0.0.1:9/k%d;tcp\r\n-------%.*s$\r\n",
			id.len, id.s, from.len, from.s, user, id.len, id.s);
	if(is(field(text, end, "\r\nSuccess-Report: "), "yes")) {
		sscanf(range.s, "%*d-%*[0-9*]/%d", &size);
		n += snprintf(out + n, sizeof(out) - n,
				"MSRP r%.*s REPORT\r\nTo-Path: %.*s\r\n"
				"From-Path: msrp://127.0.0.1:9/k%d;tcp\r\n"
				"Message-ID: %.*s\r\nByte-Range: 1-%d/%d\r\n"
				"Status: 000 200 OK\r\n-------r%.*s$\r\n",
				id.len, id.s, from.len, from.s, user, message.len, message.s,
				size, size, id.len, id.s);
	}
	put(c, out, n);
}

/* Bytes of the first frame; 0: it is not all there. */
static int take_frame(int user)
{
	connection_t *c = &all[user];
	const char *space = memchr(c->in, ' ', c->len < 64 ? c->len : 64);
	const char *stop, *end;
	char mark[96];
	slice_t id;

	if(!space)
		return 0;
	stop = memchr(space + 1, ' ', c->in + c->len - space - 1);
	if(!stop || stop - space > 64)
		return 0;
	id = (slice_t){space + 1, stop - space - 1};
	snprintf(mark, sizeof(mark), "\r\n-------%.*s", id.len, id.s);
	end = memmem(c->in, c->len, mark, strlen(mark));
	if(!end || end + strlen(mark) + 3 > c->in + c->len)
		return 0;
	if(!strncmp(stop + 1, "SEND", 4)) {
		confirm(user, id, c->in, end);
		deferred_came(user, c->in, end - c->in, id);
	}
	return end + strlen(mark) + 3 - c->in;
}

static void receive(int user)
{
	connection_t *c = &all[user];
	int n, taken;

	if(!c->fd)
		return;
	n = recv(c->fd, c->in + c->len, ROOM - c->len, MSG_DONTWAIT);
	if(n <= 0) {
		if(n == 0 || (errno != EAGAIN && errno != EINTR))
			msrp_close(user);
		return;
	}
	c->len += n;
	while((taken = take_frame(user))) {
		memmove(c->in, c->in + taken, c->len - taken);
		c->len -= taken;
	}
}

static void ready(void)
{
	struct epoll_event some[READY];
	int i, n = epoll_wait(group, some, READY, 0);

	for(i = 0; i < n; i++)
		receive(some[i].data.u32);
}

static void start(void)
{
	all = calloc(options.users, sizeof(*all));
	group = epoll_create1(EPOLL_CLOEXEC);
	if(!all || group < 0)
		fail("start");
	net_watch(group, ready);
}

void msrp_connect(int user, const char *offer, int len)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct epoll_event in = {.events = EPOLLIN, .data.u32 = user};
	slice_t path = field(offer, offer + len, "\r\na=path:");
	connection_t *c;
	char host[32], out[1024];
	int port, n;

	if(!all)
		start();
	msrp_close(user);
	c = &all[user];
	if(sscanf(path.s, "msrp://%31[0-9.]:%d/", host, &port) != 2
			|| inet_pton(AF_INET, host, &to.sin_addr) != 1) {
		counters.refused++;
		return;
	}
	to.sin_port = htons(port);
	snprintf(c->path, sizeof(c->path), "%.*s", path.len, path.s);
	c->in = malloc(ROOM);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if(!c->in || c->fd < 0
			|| connect(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0
			|| epoll_ctl(group, EPOLL_CTL_ADD, c->fd, &in) < 0)
		fail("connect");
	/* who connects speaks first, RFC 4975 5.4 */
	n = snprintf(out, sizeof(out),
			"MSRP b%d SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9/k%d;tcp\r\n"
			"Message-ID: b%d\r\nByte-Range: 1-0/0\r\n-------b%d$\r\n",
			user + 100000, c->path, user, user, user + 100000);
	put(c, out, n);
}
