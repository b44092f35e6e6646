/*
 * load: CPU time and writing of other processes
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* User and system time of all threads, those that have ended too. */
static double cpu_of(int pid, int with_waited)
{
	char path[64], line[1024], *p;
	unsigned long user = 0, kernel = 0, waited_user = 0, waited_kernel = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if(!f)
		return 0;
	p = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if(p)
		sscanf(p + 1,
				" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
				&user, &kernel, &waited_user, &waited_kernel);
	if(with_waited)
		user += waited_user + waited_kernel;
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

/* The kernel adds those that have ended by itself. */
static double written_of(int pid, int with_waited)
{
	char path[64], line[128];
	unsigned long bytes = 0;
	FILE *f;

	(void)with_waited;
	snprintf(path, sizeof(path), "/proc/%d/io", pid);
	f = fopen(path, "r");
	if(!f)
		return 0;
	while(fgets(line, sizeof(line), f))
		sscanf(line, "write_bytes: %lu", &bytes);
	fclose(f);
	return (double)bytes;
}

static double of_children(int pid, double (*of)(int pid, int with_waited))
{
	char path[64];
	double all = 0;
	FILE *f;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "r");
	if(!f)
		return 0;
	while(fscanf(f, "%d", &child) == 1)
		all += of(child, 1);
	fclose(f);
	return all;
}

static double sum(const char *pids, double (*of)(int pid, int with_waited))
{
	double all = 0;
	int has_children, pid;

	for(; *pids; pids += strcspn(pids, ","), pids += *pids == ',') {
		has_children = *pids == '+';
		pid = atoi(pids + has_children);
		all += of(pid, has_children);
		if(has_children)
			all += of_children(pid, of);
	}
	return all;
}

double processes_cpu(const char *pids)
{
	return sum(pids, cpu_of);
}

double processes_written(const char *pids)
{
	return sum(pids, written_of);
}
