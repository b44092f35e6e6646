/*
 * load: time, counters, latencies, CPU time
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_STATS_H
#define LOAD_STATS_H

#include <stdint.h>

/* Microseconds in buckets of 1/32 of their power of two. */
typedef struct histogram
{
	uint32_t counts[1024];
	uint64_t total;
	uint64_t max;
} histogram_t;

typedef struct counters
{
	uint64_t units;	   /* done in time */
	uint64_t requests; /* both ways, ACK excepted */
	uint64_t notifies; /* of them NOTIFYs to us */
	uint64_t bodies;   /* bytes in their bodies */
	uint64_t refused;
	uint64_t lost;	  /* no final answer, or something else did not come */
	uint64_t again;	  /* retransmissions of ours */
	uint64_t copies;  /* retransmissions of theirs */
	uint64_t doubles;  /* deferred messages that came more than once */
	uint64_t disorder; /* those that came behind a later one */
	uint64_t starved; /* open loop: nothing was free to start a unit with */
	uint64_t codes[7];
} counters_t;

extern counters_t counters;
extern histogram_t answers; /* request of ours to its final answer */
extern histogram_t waves;	/* cause to NOTIFY, INVITE to its end */
extern histogram_t lasts;	/* cause to the last NOTIFY it brings about */

uint64_t now_us(void);
void histogram_add(histogram_t *h, uint64_t us);
double histogram_ms(const histogram_t *h, double share);

/* What was counted so far does not count: the run proper begins, or ends. */
void stats_begin(void);
void stats_end(void);
void stats_report(void);

#endif
