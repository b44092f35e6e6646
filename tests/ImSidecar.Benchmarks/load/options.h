/*
 * load: options of a run
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <netinet/in.h>

#define CPU_GROUPS_MAX 16
#define CONFERENCES_MAX 65536

/* A named group of processes whose CPU time is told. */
typedef struct cpu_group
{
	const char *name;
	const char *pids; /* separated by commas; +: with its children */
} cpu_group_t;

typedef struct options
{
	const char *mode;
	int alone; /* Kamailio answers by itself: nothing comes back but the reply */
	struct sockaddr_in to;
	struct sockaddr_in from;
	char from_text[32];
	const char *domain;	 /* of session identities and factory */
	const char *factory; /* user part */
	int conferences;
	int invitees; /* of each conference */
	int watchers; /* of each conference, who do not attend it */
	int presence; /* the other side is Kamailio's module presence */
	int users;	  /* who are away */
	int messages; /* left for each of them */
	int kept;	  /* somebody else has left them */
	int pages;	  /* they take no MSRP */
	int again;	  /* they register over and over while messages come */
	const char *away; /* their domain */
	int outstanding;
	double rate; /* units per second; 0: closed loop */
	double warm;
	double seconds;
	cpu_group_t cpu[CPU_GROUPS_MAX];
	int cpu_count;
	const char *counts; /* a command that prints numbers of others */
} options_t;

extern options_t options;

void options_read(int argc, char **argv);

#endif
