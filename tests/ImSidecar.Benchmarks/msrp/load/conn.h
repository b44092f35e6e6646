/*
 * msrp load: connections, plain or TLS, on one epoll
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef MSRP_CONN_H
#define MSRP_CONN_H

#include <netinet/in.h>

#include "frame.h"

typedef struct conn conn_t;

struct conn
{
	int fd;
	void *tls;
	int shaken; /* the TLS handshake is over */
	int waits;	/* for room to write */
	int queued; /* something is to be written in this turn */
	int index;
	struct session *session;
	void (*take)(conn_t *conn, const frame_t *frame);
	char *in; /* the beginning of a frame */
	int in_len, in_room;
	char *out;
	int out_start, out_end, out_room;
};

/* With these files TLS is spoken, by all. */
void conn_init(const char *certificate, const char *key);

/* Connects; the take of each frame that comes. */
conn_t *conn_open(const struct sockaddr_in *to, const struct sockaddr_in *from,
		void (*take)(conn_t *conn, const frame_t *frame));

void conn_listen(const struct sockaddr_in *at,
		void (*take)(conn_t *conn, const frame_t *frame));

/* Room for so many bytes to write; then conn_wrote says how many there are. */
char *conn_room(conn_t *conn, int len);
void conn_wrote(conn_t *conn, int len);

/* Writes what is queued, waits at most so long, hands over what came. */
void conn_turn(int wait_ms);

void die(const char *what);

#endif
