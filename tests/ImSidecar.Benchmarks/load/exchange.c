/*
 * load: requests of ours until their final answer, RFC 3261 17.1
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "net.h"
#include "options.h"
#include "stats.h"

#define T1 500000
#define STEPS 8 /* 0.5 1 2 4 8 16 32 s and what only waits for its end */
#define LIFE (64 * T1)
#define BLOCK 1024

typedef struct queue
{
	exchange_t *first;
	exchange_t *last;
} queue_t;

static exchange_t **all = NULL;
static unsigned made = 0;
static exchange_t *unused = NULL;
static queue_t queues[STEPS]; /* by step: each in the order of its due time */
static int count = 0;

static void grow(void)
{
	exchange_t *more = calloc(BLOCK, sizeof(*more));
	int i;

	all = realloc(all, (made + BLOCK) * sizeof(*all));
	if(!more || !all) {
		fputs("load: out of memory\n", stderr);
		exit(70);
	}
	for(i = 0; i < BLOCK; i++) {
		more[i].index = made + i;
		more[i].next = unused;
		unused = all[made + i] = &more[i];
	}
	made += BLOCK;
}

static void enqueue(exchange_t *e, uint64_t due)
{
	queue_t *q = &queues[e->step];

	e->due = due;
	e->next = NULL;
	e->prev = q->last;
	if(q->last)
		q->last->next = e;
	else
		q->first = e;
	q->last = e;
}

static void dequeue(exchange_t *e)
{
	queue_t *q = &queues[e->step];

	if(e->prev)
		e->prev->next = e->next;
	else
		q->first = e->next;
	if(e->next)
		e->next->prev = e->prev;
	else
		q->last = e->prev;
}

exchange_t *exchange_begin(int conference, int member, exchange_done_t done)
{
	exchange_t *e;

	if(!unused)
		grow();
	e = unused;
	unused = e->next;
	e->serial++;
	e->done = done;
	e->conference = conference;
	e->member = member;
	return e;
}

void exchange_branch(const exchange_t *e, char branch[40])
{
	snprintf(branch, 40, "z9hG4bK%x.%x", e->index, e->serial);
}

void exchange_send(exchange_t *e, const text_t *text, int invite)
{
	if(text->len > e->room) {
		free(e->text);
		e->room = text->len + 256;
		e->text = malloc(e->room);
		if(!e->text) {
			fputs("load: out of memory\n", stderr);
			exit(70);
		}
	}
	memcpy(e->text, text->s, text->len);
	e->len = text->len;
	e->invite = invite;
	e->proceeding = 0;
	e->step = 0;
	e->listed = 1;
	e->begun = now_us();
	enqueue(e, e->begun + T1);
	count++;
	net_send(e->text, e->len);
}

static void finish(exchange_t *e, const message_t *answer)
{
	dequeue(e);
	e->listed = 0;
	count--;
	if(answer) {
		counters.requests++;
		counters.codes[answer->code / 100 % 7]++;
		histogram_add(&answers, now_us() - e->begun);
	}
	e->done(e, answer);
	e->next = unused;
	unused = e;
}

int exchange_answer(const message_t *answer)
{
	slice_t via = sip_header(answer, "Via");
	const char *branch = memmem(via.s, via.len, "branch=z9hG4bK", 14);
	unsigned index, serial;

	if(!branch || sscanf(branch + 14, "%x.%x", &index, &serial) != 2
			|| index >= made || all[index]->serial != serial
			|| !all[index]->listed)
		return 0;
	if(answer->code >= 200) {
		finish(all[index], answer);
		return 1;
	}
	/* an INVITE rests until its final answer, Timer A and B */
	if(all[index]->invite && !all[index]->proceeding) {
		all[index]->proceeding = 1;
		dequeue(all[index]);
		all[index]->step = STEPS - 1;
		enqueue(all[index], all[index]->begun + 4 * (uint64_t)LIFE);
	}
	return 1;
}

/* Timer A, E: the interval doubles, to 4 s for what is no INVITE. */
static void again(exchange_t *e, uint64_t now)
{
	int next = e->step + 1;

	if(!e->invite && next > 3)
		next = 3;
	dequeue(e);
	e->step = next;
	enqueue(e, now + ((uint64_t)T1 << next));
	counters.again++;
	net_send(e->text, e->len);
}

void exchange_run(uint64_t now)
{
	exchange_t *e;
	int step;

	for(step = 0; step < STEPS; step++)
		while((e = queues[step].first) && e->due <= now) {
			if(e->proceeding || now - e->begun >= LIFE) {
				counters.lost++;
				finish(e, NULL);
			} else {
				again(e, now);
			}
		}
}

int exchange_count(void)
{
	return count;
}
