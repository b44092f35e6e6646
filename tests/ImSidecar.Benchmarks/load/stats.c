/*
 * load: time, counters, latencies, CPU time
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "counts.h"
#include "options.h"
#include "processes.h"

#define STEPS 32 /* of one power of two */

counters_t counters;
histogram_t answers;
histogram_t waves;
histogram_t lasts;

static counters_t at_end;
static histogram_t answers_at_end, waves_at_end, lasts_at_end;
static double cpu[CPU_GROUPS_MAX];
static double written[CPU_GROUPS_MAX];
static double own_cpu;
static uint64_t begun, ended;

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int bucket_of(uint64_t us)
{
	int shift = 0;

	while(us >> shift >= 2 * STEPS)
		shift++;
	return shift * STEPS + (int)(us >> shift);
}

static double middle_of(int bucket)
{
	int shift = bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;

	return ((double)(bucket - shift * STEPS) + 0.5) * (double)(1ull << shift);
}

void histogram_add(histogram_t *h, uint64_t us)
{
	int bucket = bucket_of(us);

	h->counts[bucket < 1024 ? bucket : 1023]++;
	h->total++;
	if(us > h->max)
		h->max = us;
}

double histogram_ms(const histogram_t *h, double share)
{
	uint64_t left = (uint64_t)(share * (double)h->total);
	int i;

	for(i = 0; i < 1024; i++) {
		if(h->counts[i] > left)
			return middle_of(i) / 1000;
		left -= h->counts[i];
	}
	return h->total ? (double)h->max / 1000 : 0;
}

static double own(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sample(double sign)
{
	int i;

	for(i = 0; i < options.cpu_count; i++) {
		cpu[i] += sign * processes_cpu(options.cpu[i].pids);
		written[i] += sign * processes_written(options.cpu[i].pids);
	}
	own_cpu += sign * own();
}

void stats_begin(void)
{
	memset(&counters, 0, sizeof(counters));
	memset(&answers, 0, sizeof(answers));
	memset(&waves, 0, sizeof(waves));
	memset(&lasts, 0, sizeof(lasts));
	counts_begin();
	sample(-1);
	begun = now_us();
}

void stats_end(void)
{
	ended = now_us();
	sample(1);
	counts_end();
	at_end = counters;
	answers_at_end = answers;
	waves_at_end = waves;
	lasts_at_end = lasts;
}

static void report_latencies(const char *name, const histogram_t *h)
{
	printf("%s_p50 %.3f\n%s_p90 %.3f\n%s_p99 %.3f\n%s_max %.3f\n", name,
			histogram_ms(h, .5), name, histogram_ms(h, .9), name,
			histogram_ms(h, .99), name, (double)h->max / 1000);
}

/* What was lost shows only after the end. */
void stats_report(void)
{
	int i;

	printf("mode %s\nseconds %.3f\n", options.mode,
			(double)(ended - begun) / 1e6);
	printf("units %" PRIu64 "\nrequests %" PRIu64 "\n", at_end.units,
			at_end.requests);
	printf("notifies %" PRIu64 "\nbodies %" PRIu64 "\n", at_end.notifies,
			at_end.bodies);
	printf("refused %" PRIu64 "\nlost %" PRIu64 "\nstarved %" PRIu64 "\n",
			counters.refused, counters.lost, counters.starved);
	printf("again %" PRIu64 "\ncopies %" PRIu64 "\n", counters.again,
			counters.copies);
	printf("doubles %" PRIu64 "\ndisorder %" PRIu64 "\n", counters.doubles,
			counters.disorder);
	for(i = 3; i < 7; i++)
		printf("answers_%dxx %" PRIu64 "\n", i, counters.codes[i]);
	report_latencies("answer", &answers_at_end);
	report_latencies("wave", &waves_at_end);
	report_latencies("last", &lasts_at_end);
	printf("cpu_generator %.3f\n", own_cpu);
	for(i = 0; i < options.cpu_count; i++) {
		printf("cpu_%s %.3f\n", options.cpu[i].name, cpu[i]);
		printf("written_%s %.0f\n", options.cpu[i].name, written[i]);
	}
	counts_report();
}
