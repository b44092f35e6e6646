/*
 * msrp load: traffic through an MSRP relay or switch, and what it costs
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "options.h"
#include "sessions.h"
#include "stats.h"

#define DRAIN_US 10000000

static void turn(void)
{
	sessions_send();
	conn_turn(10);
}

static void settle(uint64_t us)
{
	uint64_t until = now_us() + us;

	while(now_us() < until)
		conn_turn(10);
}

static void idle(void)
{
	long before = memory_kb();

	sessions_open();
	settle((uint64_t)(options.seconds * 1e6));
	printf("mode idle\nunits %d\nbefore_kb %ld\nafter_kb %ld\n",
			options.sessions, before, memory_kb());
	printf("refused 0\nlost 0\n");
}

static void traffic(void)
{
	uint64_t until;

	sessions_open();
	until = now_us() + (uint64_t)(options.warm * 1e6);
	while(now_us() < until)
		turn();
	stats_begin();
	until = now_us() + (uint64_t)(options.seconds * 1e6);
	while(now_us() < until)
		turn();
	stats_end();
	until = now_us() + DRAIN_US;
	while(now_us() < until && !sessions_are_done())
		conn_turn(10);
	counters.lost = sessions_missing();
	stats_report();
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	options_read(argc, argv);
	conn_init(options.certificate, options.key);
	if(!strcmp(options.mode, "idle"))
		idle();
	else
		traffic();
	return 0;
}
