/*
 * msrp load: sessions: who sends, who receives
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef MSRP_SESSIONS_H
#define MSRP_SESSIONS_H

#include <stdint.h>

#include "conn.h"

typedef struct session
{
	conn_t *sender;
	char own[160];	/* path URI of who sends */
	char path[512]; /* To-Path of what it sends */
	int is_open;
	uint64_t sent, answered, delivered;
	int hearers; /* each message is delivered that often */
} session_t;

/* Opens all, and does not return before that. */
void sessions_open(void);

/* Sends as many as may be under way. */
void sessions_send(void);

/* All that was sent has been answered and delivered. */
int sessions_are_done(void);
/* How many deliveries are missing. */
uint64_t sessions_missing(void);

#endif
