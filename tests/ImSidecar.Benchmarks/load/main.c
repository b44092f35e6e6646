/*
 * load: starts units, waits for them, tells what came of them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "deferred.h"
#include "exchange.h"
#include "modes.h"
#include "net.h"
#include "options.h"
#include "publication.h"
#include "stats.h"
#include "subscription.h"

#define AT_ONCE 32		   /* while the run is prepared */
#define DRAIN_US 35000000  /* longer than Timer F */
#define LINGER_US 1000000
#define PREPARE_US 60000000
#define PREPARE_EACH_US 20000

static const load_mode_t *mode;
static int *idle; /* a ring of slots */
static int idle_first = 0, idle_count = 0, slot_count = 0;
static int active = 0;
static int prepared = 0, preparing = 0, failed = 0;

static void make_idle(int slot)
{
	idle[(idle_first + idle_count++) % slot_count] = slot;
}

void unit_done(int slot, int ok)
{
	active--;
	counters.units += ok;
	make_idle(slot);
}

void slot_spent(int slot)
{
	(void)slot;
	active--;
}

static void start_unit(void)
{
	int slot = idle[idle_first];

	idle_first = (idle_first + 1) % slot_count;
	idle_count--;
	active++;
	mode->start(slot);
}

static void take(const char *text, int len)
{
	static message_t message;

	if(sip_parse(text, len, &message) < 0)
		return;
	if(!message.method.len) {
		if(!exchange_answer(&message) && message.code / 100 == 2)
			conference_accepted_again(&message);
	} else if(is(message.method, "NOTIFY")) {
		subscription_notify(&message);
	} else if(!deferred_request(&message, message.body, text + len - message.body)) {
		conference_request(&message);
	}
}

static void turn(int wait_ms)
{
	net_flush();
	net_receive(wait_ms, take);
	exchange_run(now_us());
}

static void opened(conference_t *c)
{
	(void)c;
	preparing--;
	prepared++;
}

static void not_opened(conference_t *c)
{
	opened(c);
	failed++;
}

static void made_known(conference_t *c, int ok)
{
	opened(c);
	failed += !ok;
}

static void watched(conference_t *c, int member, int ok)
{
	(void)member;
	opened(c);
	failed += !ok;
}

/* Does each of count things once, a few at a time. */
static void prepare(int count, void (*start)(int i), const char *what)
{
	uint64_t until = now_us() + PREPARE_US + (uint64_t)count * PREPARE_EACH_US;
	int next = 0;

	prepared = preparing = 0;
	while(prepared < count && !failed && now_us() < until) {
		for(; next < count && preparing < AT_ONCE; next++) {
			preparing++;
			start(next);
		}
		turn(1);
	}
	if(failed || prepared < count) {
		fprintf(stderr,
				"load: %d of %d %s, %d failed; answers: %" PRIu64 " 4xx, %" PRIu64
				" 5xx, %" PRIu64 " 6xx, none to %" PRIu64 "\n",
				prepared, count, what, failed, counters.codes[4],
				counters.codes[5], counters.codes[6], counters.lost);
		exit(1);
	}
}

static void open_one(int i)
{
	if(options.presence)
		publish_all(&conferences[i]);
	else
		conference_start(&conferences[i]);
}

static void watch_one(int i)
{
	subscription_change(&conferences[i % options.conferences],
			first_watcher + i / options.conferences);
}

static void left_all(int ok)
{
	preparing--;
	prepared++;
	failed += !ok;
}

static void prepare_all(void)
{
	on_established = opened;
	on_failed = not_opened;
	on_published = made_known;
	on_subscribed = watched;
	on_left_all = left_all;
	if(mode->leaves && !options.kept)
		prepare(options.users, deferred_leave_all, "users have messages");
	if(mode->opens)
		prepare(options.conferences, open_one, "conferences were opened");
	if(mode->subscribes)
		prepare(options.conferences * watcher_count, watch_one,
				"subscriptions were made");
}

/* Closed loop: as many units as may be outstanding; open loop: what is due. */
static void start_due(uint64_t begun)
{
	static double started = 0;
	double due;

	if(options.rate <= 0) {
		while(active < options.outstanding && idle_count)
			start_unit();
		return;
	}
	due = (double)(now_us() - begun) / 1e6 * options.rate;
	for(; started + 1 <= due; started++) {
		if(idle_count)
			start_unit();
		else
			counters.starved++;
	}
}

static void run(void)
{
	uint64_t begun = now_us();
	uint64_t measured = begun + (uint64_t)(options.warm * 1e6);
	uint64_t end = measured + (uint64_t)(options.seconds * 1e6);
	int warm = 1;

	while(now_us() < end && (active || idle_count)) {
		if(warm && now_us() >= measured) {
			stats_begin();
			end = now_us() + (uint64_t)(options.seconds * 1e6);
			warm = 0;
		}
		start_due(begun);
		turn(1);
	}
	stats_end();
	/* what comes twice may come late */
	end = now_us() + (mode->leaves ? LINGER_US : 0);
	while(now_us() < end)
		turn(1);
	end = now_us() + DRAIN_US;
	while((active || exchange_count()) && now_us() < end)
		turn(1);
	/* units that wait for what will not come */
	counters.lost += active;
}

int main(int argc, char **argv)
{
	int i;

	options_read(argc, argv);
	mode = mode_find(options.mode);
	if(!mode) {
		fprintf(stderr, "load: no mode '%s'\n", options.mode);
		return 64;
	}
	conferences_init();
	deferred_init();
	net_open();
	slot_count = mode->slots();
	idle = calloc(slot_count, sizeof(*idle));
	if(!idle)
		return 70;
	for(i = 0; i < slot_count; i++)
		make_idle(i);
	if(!options.alone)
		prepare_all();
	run();
	stats_report();
	return 0;
}
