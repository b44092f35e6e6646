/*
 * load: numbers that others keep
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define COUNTS_MAX 64

typedef struct count
{
	char name[32];
	double value;
} count_t;

static count_t counts[COUNTS_MAX];
static int count = 0;

static count_t *find(const char *name)
{
	int i;

	for(i = 0; i < count && strcmp(counts[i].name, name); i++)
		;
	if(i == COUNTS_MAX)
		return NULL;
	if(i == count)
		snprintf(counts[count++].name, sizeof(counts[0].name), "%s", name);
	return &counts[i];
}

static void ask(double sign)
{
	char name[32];
	count_t *c;
	double value;
	FILE *f;

	if(!options.counts)
		return;
	f = popen(options.counts, "r");
	while(f && fscanf(f, "%31s %lf", name, &value) == 2)
		if((c = find(name)))
			c->value += sign * value;
	if(!f || pclose(f) != 0) {
		fprintf(stderr, "load: '%s' failed\n", options.counts);
		exit(1);
	}
}

void counts_begin(void)
{
	ask(-1);
}

void counts_end(void)
{
	ask(1);
}

void counts_report(void)
{
	int i;

	for(i = 0; i < count; i++)
		printf("%s %.0f\n", counts[i].name, counts[i].value);
}
