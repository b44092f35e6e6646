/*
 * msrp load: time, CPU time and memory
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef MSRP_STATS_H
#define MSRP_STATS_H

#include <stdint.h>

typedef struct counters
{
	uint64_t messages; /* that have come whole */
	uint64_t bytes;	   /* of their bodies */
	uint64_t answers;  /* to what was sent */
	uint64_t refused;
	uint64_t lost;
} counters_t;

extern counters_t counters;

uint64_t now_us(void);

/* Resident memory of the first group, in KiB. */
long memory_kb(void);

/* What was counted so far does not count: the run proper begins, or ends. */
void stats_begin(void);
void stats_end(void);
void stats_report(void);

#endif
