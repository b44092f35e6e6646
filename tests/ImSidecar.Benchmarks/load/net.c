/*
 * load: one UDP socket, many datagrams with each system call
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "net.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "options.h"
#include "sip.h"

#define BATCH 64
#define BUFFER (16 << 20)
#define ROOM (1 << 20) /* of queued datagrams */

static int fd = -1, watched = -1;
static void (*watched_is_ready)(void);
static char received[BATCH][SIP_MAX];
static struct mmsghdr in[BATCH], out[BATCH];
static struct iovec in_parts[BATCH], out_parts[BATCH];
static char room[ROOM];
static int queued = 0, used = 0;

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(71);
}

static void make_room(int option, int forced)
{
	int bytes = BUFFER;

	/* as root beyond the limit of the system */
	if(setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

void net_open(void)
{
	int i;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(fd < 0)
		die("socket");
	make_room(SO_RCVBUF, SO_RCVBUFFORCE);
	make_room(SO_SNDBUF, SO_SNDBUFFORCE);
	if(bind(fd, (struct sockaddr *)&options.from, sizeof(options.from)) < 0)
		die("bind");
	for(i = 0; i < BATCH; i++) {
		in_parts[i] = (struct iovec){received[i], SIP_MAX};
		in[i].msg_hdr.msg_iov = &in_parts[i];
		in[i].msg_hdr.msg_iovlen = 1;
		out[i].msg_hdr.msg_iov = &out_parts[i];
		out[i].msg_hdr.msg_iovlen = 1;
		out[i].msg_hdr.msg_name = &options.to;
		out[i].msg_hdr.msg_namelen = sizeof(options.to);
	}
}

void net_send(const char *text, int len)
{
	if(queued == BATCH || used + len > ROOM)
		net_flush();
	memcpy(room + used, text, len);
	out_parts[queued++] = (struct iovec){room + used, len};
	used += len;
}

void net_flush(void)
{
	struct pollfd full = {fd, POLLOUT, 0};
	int done = 0, n;

	while(done < queued) {
		n = sendmmsg(fd, out + done, queued - done, 0);
		if(n > 0)
			done += n;
		else if(errno == EAGAIN || errno == ENOBUFS)
			poll(&full, 1, 10);
		else if(errno != EINTR && errno != ECONNREFUSED)
			die("sendmmsg");
	}
	queued = used = 0;
}

void net_watch(int other, void (*ready)(void))
{
	watched = other;
	watched_is_ready = ready;
}

void net_receive(int wait_ms, void (*take)(const char *text, int len))
{
	struct pollfd some[] = {{fd, POLLIN, 0}, {watched, POLLIN, 0}};
	int i, n;

	if(wait_ms && poll(some, 2, wait_ms) <= 0)
		return;
	if(some[1].revents)
		watched_is_ready();
	n = recvmmsg(fd, in, BATCH, 0, NULL);
	if(n < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
		die("recvmmsg");
	for(i = 0; i < n; i++)
		take(received[i], in[i].msg_len);
}
