/*
 * msrp load: connections
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256
#define ROOM (512 << 10)
#define QUEUE_MAX 65536

static int loop = -1, listener = -1;
static SSL_CTX *tls;
static void (*accepted_take)(conn_t *conn, const frame_t *frame);
static char read_buffer[ROOM];
static conn_t *queue[QUEUE_MAX];
static int queue_len;

void die(const char *what)
{
	fprintf(stderr, "msrp load: %s: %s\n", what, strerror(errno));
	exit(71);
}

void conn_init(const char *certificate, const char *key)
{
	loop = epoll_create1(EPOLL_CLOEXEC);
	if(loop < 0)
		die("epoll");
	if(!certificate)
		return;
	tls = SSL_CTX_new(TLS_method());
	if(!tls || SSL_CTX_use_certificate_chain_file(tls, certificate) != 1
			|| SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
		die(certificate);
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE
								  | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(tls, 1);
}

static void watch(conn_t *conn, int operation)
{
	struct epoll_event event = {
			.events = EPOLLIN | (conn->waits ? EPOLLOUT : 0), .data.ptr = conn};

	if(epoll_ctl(loop, operation, conn->fd, &event) < 0)
		die("epoll_ctl");
}

static conn_t *conn_new(int fd)
{
	conn_t *conn = calloc(1, sizeof(*conn));
	int on = 1;

	if(!conn)
		die("calloc");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn->fd = fd;
	conn->shaken = 1;
	if(tls) {
		conn->tls = SSL_new(tls);
		conn->shaken = 0;
		SSL_set_fd(conn->tls, fd);
	}
	return conn;
}

conn_t *conn_open(const struct sockaddr_in *to, const struct sockaddr_in *from,
		void (*take)(conn_t *conn, const frame_t *frame))
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	conn_t *conn;

	if(fd < 0)
		die("socket");
	if(from && bind(fd, (const struct sockaddr *)from, sizeof(*from)) < 0)
		die("bind");
	if(connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("connect");
	conn = conn_new(fd);
	conn->take = take;
	if(tls && SSL_connect(conn->tls) != 1)
		die("TLS");
	conn->shaken = 1;
	if(fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		die("fcntl");
	watch(conn, EPOLL_CTL_ADD);
	return conn;
}

void conn_listen(const struct sockaddr_in *at,
		void (*take)(conn_t *conn, const frame_t *frame))
{
	struct epoll_event event = {.events = EPOLLIN};
	int on = 1;

	accepted_take = take;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if(bind(listener, (const struct sockaddr *)at, sizeof(*at)) < 0
			|| listen(listener, 1024) < 0
			|| epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event) < 0)
		die("listen");
}

static void accept_one(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	conn_t *conn;

	if(fd < 0)
		return;
	conn = conn_new(fd);
	conn->take = accepted_take;
	if(tls)
		SSL_set_accept_state(conn->tls);
	watch(conn, EPOLL_CTL_ADD);
}

char *conn_room(conn_t *conn, int len)
{
	if(conn->out_start == conn->out_end)
		conn->out_start = conn->out_end = 0;
	if(conn->out_room - conn->out_end < len) {
		conn->out_room = conn->out_end + len + 4096;
		conn->out = realloc(conn->out, conn->out_room);
		if(!conn->out)
			die("realloc");
	}
	return conn->out + conn->out_end;
}

void conn_wrote(conn_t *conn, int len)
{
	conn->out_end += len;
	if(conn->queued || conn->waits)
		return;
	if(queue_len == QUEUE_MAX)
		die("queue");
	conn->queued = 1;
	queue[queue_len++] = conn;
}

static int send_some(conn_t *conn, const char *bytes, int len)
{
	int n;

	if(!conn->tls)
		return send(conn->fd, bytes, len, MSG_NOSIGNAL);
	n = SSL_write(conn->tls, bytes, len);
	if(n <= 0)
		errno = SSL_get_error(conn->tls, n) == SSL_ERROR_WANT_WRITE
								|| SSL_get_error(conn->tls, n)
										   == SSL_ERROR_WANT_READ
						? EAGAIN
						: EPIPE;
	return n;
}

static void flush(conn_t *conn)
{
	int n = 0, waited = conn->waits;

	conn->queued = 0;
	if(conn->fd < 0 || !conn->shaken)
		return;
	while(conn->out_start < conn->out_end) {
		n = send_some(conn, conn->out + conn->out_start,
				conn->out_end - conn->out_start);
		if(n <= 0)
			break;
		conn->out_start += n;
	}
	conn->waits = conn->out_start < conn->out_end && errno == EAGAIN;
	if(conn->waits != waited)
		watch(conn, EPOLL_CTL_MOD);
}

/* The server has closed it: what is missing is counted as lost. */
static void end(conn_t *conn)
{
	close(conn->fd);
	conn->fd = -1;
}

static int receive_some(conn_t *conn, char *to, int room)
{
	int n;

	if(!conn->tls)
		return recv(conn->fd, to, room, 0);
	n = SSL_read(conn->tls, to, room);
	if(n > 0)
		return n;
	errno = EAGAIN;
	return SSL_get_error(conn->tls, n) == SSL_ERROR_WANT_READ ? -1 : 0;
}

/* Keeps what is not a whole frame yet. */
static void keep(conn_t *conn, const char *bytes, int len)
{
	if(len > conn->in_room) {
		conn->in_room = len > 65536 ? ROOM : len + 1024;
		conn->in = realloc(conn->in, conn->in_room);
		if(!conn->in)
			die("realloc");
	}
	memcpy(conn->in, bytes, len);
	conn->in_len = len;
}

static int read_some(conn_t *conn)
{
	frame_t frame;
	int n, len, used = 0, found = 0;

	memcpy(read_buffer, conn->in, conn->in_len);
	len = conn->in_len;
	n = receive_some(conn, read_buffer + len, ROOM - len);
	if(n <= 0) {
		if(n == 0 || errno != EAGAIN)
			end(conn);
		return 0;
	}
	len += n;
	while(used < len
			&& (found = frame_parse(read_buffer + used, len - used, &frame))
					   > 0) {
		conn->take(conn, &frame);
		used += frame.len;
	}
	if(found < 0) {
		fprintf(stderr, "msrp load: what came is no MSRP: %.60s\n",
				read_buffer + used);
		exit(65);
	}
	if(len - used == ROOM)
		die("a frame is too long");
	keep(conn, read_buffer + used, len - used);
	return 1;
}

static void shake(conn_t *conn)
{
	int n = SSL_do_handshake(conn->tls);

	if(n == 1) {
		conn->shaken = 1;
		flush(conn);
		return;
	}
	n = SSL_get_error(conn->tls, n);
	if(n != SSL_ERROR_WANT_READ && n != SSL_ERROR_WANT_WRITE)
		end(conn);
}

static void ready(conn_t *conn)
{
	if(conn->fd < 0)
		return;
	if(!conn->shaken)
		shake(conn);
	if(!conn->shaken || conn->fd < 0)
		return;
	/* What TLS has decrypted already epoll does not tell of. */
	while(conn->fd >= 0 && read_some(conn) && conn->tls)
		;
}

void conn_turn(int wait_ms)
{
	struct epoll_event events[EVENTS];
	int count, i;

	for(i = 0; i < queue_len; i++)
		flush(queue[i]);
	queue_len = 0;
	count = epoll_wait(loop, events, EVENTS, wait_ms);
	for(i = 0; i < count; i++) {
		conn_t *conn = events[i].data.ptr;

		if(!conn) {
			accept_one();
			continue;
		}
		if(events[i].events & EPOLLOUT && conn->fd >= 0)
			flush(conn);
		if(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			ready(conn);
	}
}
