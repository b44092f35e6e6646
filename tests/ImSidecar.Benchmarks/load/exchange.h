/*
 * load: requests of ours until their final answer, RFC 3261 17.1
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_EXCHANGE_H
#define LOAD_EXCHANGE_H

#include <stdint.h>

#include "sip.h"

typedef struct exchange exchange_t;

/* The final answer; NULL after 32 s without one. */
typedef void (*exchange_done_t)(
		exchange_t *exchange, const message_t *answer);

struct exchange
{
	int listed; /* under way */
	unsigned index;
	unsigned serial; /* with the index its branch */
	int invite;
	int proceeding;
	uint64_t begun;
	uint64_t due;
	int step; /* of retransmission */
	exchange_t *prev;
	exchange_t *next;
	char *text;
	int len;
	int room;
	exchange_done_t done;
	int conference;
	int member;
};

/* Whoever begins one writes its text with this branch and then sends it. */
exchange_t *exchange_begin(int conference, int member, exchange_done_t done);
void exchange_branch(const exchange_t *exchange, char branch[40]);
void exchange_send(exchange_t *exchange, const text_t *text, int invite);

/* 0: the answer belongs to none that is under way. */
int exchange_answer(const message_t *answer);
void exchange_run(uint64_t now);
int exchange_count(void);

#endif
