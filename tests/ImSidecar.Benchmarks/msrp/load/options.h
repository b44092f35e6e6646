/*
 * msrp load: options of a run
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef MSRP_OPTIONS_H
#define MSRP_OPTIONS_H

#include <netinet/in.h>

#define CPU_GROUPS_MAX 8

/* A named group of processes whose CPU time is told. */
typedef struct cpu_group
{
	const char *name;
	const char *pids; /* separated by commas */
} cpu_group_t;

typedef struct options
{
	const char *mode;
	struct sockaddr_in to;	 /* what is measured */
	struct sockaddr_in from; /* where it finds those who are sent to */
	int sessions;
	int size;		  /* of a message */
	int window;		  /* messages of each session under way */
	const char *user; /* registers at the relay first */
	const char *password;
	const char *certificate; /* TLS */
	const char *key;
	double warm;
	double seconds;
	cpu_group_t cpu[CPU_GROUPS_MAX];
	int cpu_count;
} options_t;

extern options_t options;

void options_read(int argc, char **argv);

#endif
