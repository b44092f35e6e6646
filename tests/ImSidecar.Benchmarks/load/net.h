/*
 * load: one UDP socket, many datagrams with each system call
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_NET_H
#define LOAD_NET_H

void net_open(void);

/* Queues the datagram for the server; net_flush sends what is queued. */
void net_send(const char *text, int len);
void net_flush(void);

/* Another descriptor that is waited for, and what is done when it is ready. */
void net_watch(int fd, void (*ready)(void));

/* Hands over what has come, waits for it at most that long. */
void net_receive(int wait_ms, void (*take)(const char *text, int len));

#endif
