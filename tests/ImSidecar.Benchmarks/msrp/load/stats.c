/*
 * msrp load: time, CPU time and memory
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "options.h"

counters_t counters;

static counters_t at_end;
static uint64_t begun, ended;
static double cpu[CPU_GROUPS_MAX], own_cpu;

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* User and system time of all threads, those that have ended too. */
static double cpu_of(const char *pid, int len)
{
	char path[64], line[1024], *p;
	unsigned long user = 0, kernel = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.*s/stat", len, pid);
	f = fopen(path, "r");
	if(!f)
		return 0;
	p = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if(p)
		sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
				&user, &kernel);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double resident_of(const char *pid, int len)
{
	char path[64], line[128];
	unsigned long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.*s/status", len, pid);
	f = fopen(path, "r");
	if(!f)
		return 0;
	while(fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %lu", &kb);
	fclose(f);
	return (double)kb;
}

static double sum(const char *pids, double (*of)(const char *pid, int len))
{
	double all = 0;
	int len;

	for(; *pids; pids += len + (pids[len] == ',')) {
		len = strcspn(pids, ",");
		all += of(pids, len);
	}
	return all;
}

long memory_kb(void)
{
	return options.cpu_count ? (long)sum(options.cpu[0].pids, resident_of) : 0;
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

	for(i = 0; i < options.cpu_count; i++)
		cpu[i] += sign * sum(options.cpu[i].pids, cpu_of);
	own_cpu += sign * own();
}

void stats_begin(void)
{
	memset(&counters, 0, sizeof(counters));
	sample(-1);
	begun = now_us();
}

void stats_end(void)
{
	ended = now_us();
	sample(1);
	at_end = counters;
}

/* What was lost shows only after the end. */
void stats_report(void)
{
	int i;

	printf("mode %s\nseconds %.3f\n", options.mode,
			(double)(ended - begun) / 1e6);
	printf("units %" PRIu64 "\nbytes %" PRIu64 "\nanswers %" PRIu64 "\n",
			at_end.messages, at_end.bytes, at_end.answers);
	printf("refused %" PRIu64 "\nlost %" PRIu64 "\n", counters.refused,
			counters.lost);
	printf("cpu_generator %.3f\n", own_cpu);
	for(i = 0; i < options.cpu_count; i++)
		printf("cpu_%s %.3f\n", options.cpu[i].name, cpu[i]);
}
