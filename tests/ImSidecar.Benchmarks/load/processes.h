/*
 * load: CPU time and writing of other processes
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_PROCESSES_H
#define LOAD_PROCESSES_H

/* Of all that are named, separated by commas. +PID is that one with its children,
 * those too that have ended by the time it is asked. */
double processes_cpu(const char *pids);		/* seconds */
double processes_written(const char *pids); /* bytes */

#endif
