/*
 * faulty_disk: preloaded into the sidecar; the disk under its store is slow,
 * full or broken as the file FAULTY_DISK says: "slow MS", "full", "broken"
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef enum
{
	WELL,
	SLOW,
	FULL,
	BROKEN
} disk_t;

static int ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* Its index (-shm) is memory, not disk. */
static int is_store(int fd)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if(n < 0)
		return 0;
	path[n] = '\0';
	return ends(path, "imsidecar.db") || ends(path, "imsidecar.db-wal");
}

static disk_t disk(int fd, long *ms)
{
	const char *file = getenv("FAULTY_DISK");
	char text[64] = "";
	FILE *f;

	if(!file || !is_store(fd) || !(f = fopen(file, "r")))
		return WELL;
	if(!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	if(sscanf(text, "slow %ld", ms) == 1)
		return SLOW;
	return strncmp(text, "full", 4) == 0	 ? FULL
		   : strncmp(text, "broken", 6) == 0 ? BROKEN
											 : WELL;
}

static int fails(int fd)
{
	long ms;

	switch(disk(fd, &ms)) {
		case FULL:
			errno = ENOSPC;
			return 1;
		case BROKEN:
			errno = EIO;
			return 1;
		default:
			return 0;
	}
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
	static ssize_t (*next)(int, const void *, size_t, off64_t);

	if(!next)
		next = dlsym(RTLD_NEXT, "pwrite64");
	return fails(fd) ? -1 : next(fd, bytes, count, at);
}

int ftruncate64(int fd, off64_t size)
{
	static int (*next)(int, off64_t);

	if(!next)
		next = dlsym(RTLD_NEXT, "ftruncate64");
	return fails(fd) ? -1 : next(fd, size);
}

int fdatasync(int fd)
{
	static int (*next)(int);
	long ms = 0;

	if(!next)
		next = dlsym(RTLD_NEXT, "fdatasync");
	switch(disk(fd, &ms)) {
		case SLOW: {
			struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
			nanosleep(&pause, NULL);
			return next(fd);
		}
		case BROKEN:
			errno = EIO;
			return -1;
		default:
			return next(fd);
	}
}
