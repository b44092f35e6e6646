/*
 * forward: what a connection brings goes out on another, unread: the least a relay can cost
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM (256 << 10)
#define EVENTS 128

/* One direction: from its own socket to that of the other side. */
typedef struct side
{
	int fd;
	int reads, writes; /* what epoll is asked for */
	struct side *other;
	char *kept; /* what the other side could not take yet */
	int start, end;
} side_t;

static int loop;
static char buffer[ROOM];
static side_t *ended[2 * EVENTS];
static int ended_count;

static void die(const char *what)
{
	fprintf(stderr, "forward: %s: %s\n", what, strerror(errno));
	exit(71);
}

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char host[64];
	unsigned short port;

	if(sscanf(text, "%63[0-9.]:%hu", host, &port) != 2
			|| inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		fprintf(stderr, "forward: not an address: %s\n", text);
		exit(64);
	}
	address.sin_port = htons(port);
	return address;
}

static void watch(side_t *side, int operation, int reads, int writes)
{
	struct epoll_event event = {.data.ptr = side};

	if(operation == EPOLL_CTL_MOD && side->reads == reads
			&& side->writes == writes)
		return;
	side->reads = reads;
	side->writes = writes;
	event.events = (reads ? EPOLLIN : 0) | (writes ? EPOLLOUT : 0);
	if(epoll_ctl(loop, operation, side->fd, &event) < 0)
		die("epoll_ctl");
}

static side_t *side_new(int fd)
{
	side_t *side = calloc(1, sizeof(*side));
	int on = 1;

	if(!side)
		die("calloc");
	side->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return side;
}

static void accept_one(int listener, const struct sockaddr_in *target)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int onward = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	side_t *near, *far;

	if(fd < 0 || onward < 0
			|| connect(onward, (const struct sockaddr *)target, sizeof(*target))
					   < 0
			|| fcntl(onward, F_SETFL, O_NONBLOCK) < 0) {
		close(fd);
		close(onward);
		return;
	}
	near = side_new(fd);
	far = side_new(onward);
	near->other = far;
	far->other = near;
	watch(near, EPOLL_CTL_ADD, 1, 0);
	watch(far, EPOLL_CTL_ADD, 1, 0);
}

static void end(side_t *side)
{
	if(side->fd < 0)
		return;
	close(side->fd);
	close(side->other->fd);
	side->fd = side->other->fd = -1;
	/* An event of the same turn may still name them. */
	ended[ended_count++] = side;
	ended[ended_count++] = side->other;
}

/* What the other side does not take is kept, and nothing more read meanwhile. */
static void read_side(side_t *side)
{
	int len = recv(side->fd, buffer, ROOM, 0);
	int sent;

	if(len <= 0) {
		if(len == 0 || errno != EAGAIN)
			end(side);
		return;
	}
	sent = send(side->other->fd, buffer, len, MSG_NOSIGNAL);
	if(sent < 0 && errno != EAGAIN) {
		end(side);
		return;
	}
	if(sent < 0)
		sent = 0;
	if(sent == len)
		return;
	if(!side->kept && !(side->kept = malloc(ROOM)))
		die("malloc");
	memcpy(side->kept, buffer + sent, len - sent);
	side->start = 0;
	side->end = len - sent;
	watch(side, EPOLL_CTL_MOD, 0, side->writes);
	watch(side->other, EPOLL_CTL_MOD, side->other->reads, 1);
}

static void write_side(side_t *side)
{
	side_t *from = side->other;
	int sent = send(side->fd, from->kept + from->start, from->end - from->start,
			MSG_NOSIGNAL);

	if(sent < 0 && errno != EAGAIN) {
		end(side);
		return;
	}
	from->start += sent < 0 ? 0 : sent;
	if(from->start < from->end)
		return;
	watch(side, EPOLL_CTL_MOD, side->reads, 0);
	watch(from, EPOLL_CTL_MOD, 1, from->writes);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS], first = {.events = EPOLLIN};
	struct sockaddr_in from, to;
	int listener, count, i, on = 1;

	if(argc != 3) {
		fprintf(stderr, "usage: forward LISTEN TARGET\n");
		return 64;
	}
	from = address_of(argv[1]);
	to = address_of(argv[2]);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	loop = epoll_create1(EPOLL_CLOEXEC);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if(bind(listener, (struct sockaddr *)&from, sizeof(from)) < 0
			|| listen(listener, 1024) < 0
			|| epoll_ctl(loop, EPOLL_CTL_ADD, listener, &first) < 0)
		die(argv[1]);
	for(;;) {
		count = epoll_wait(loop, events, EVENTS, -1);
		for(i = 0; i < count; i++) {
			side_t *side = events[i].data.ptr;

			if(!side) {
				accept_one(listener, &to);
				continue;
			}
			if(side->fd >= 0 && side->writes
					&& events[i].events & (EPOLLOUT | EPOLLERR))
				write_side(side);
			if(side->fd >= 0 && side->reads
					&& events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				read_side(side);
			else if(side->fd >= 0 && events[i].events & (EPOLLHUP | EPOLLERR))
				end(side);
		}
		while(ended_count > 0) {
			free(ended[--ended_count]->kept);
			free(ended[ended_count]);
		}
	}
}
