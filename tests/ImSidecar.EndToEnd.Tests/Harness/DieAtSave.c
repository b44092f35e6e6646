/* Preloaded into a sidecar under test: once IMSIDECAR_DIE_FILE holds a number n, the process is killed when the n-th
 * write from then on is on the disk, before anything of it can be sent. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void count(void)
{
	const char *name = getenv("IMSIDECAR_DIE_FILE");
	int left = 0;
	FILE *file;

	pthread_mutex_lock(&lock);
	file = name ? fopen(name, "r+") : NULL;
	if(file) {
		if(fscanf(file, "%d", &left) == 1 && --left == 0)
			kill(getpid(), SIGKILL);
		rewind(file);
		fprintf(file, "%d \n", left);
		fclose(file);
	}
	pthread_mutex_unlock(&lock);
}

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	int result = real(fd);

	count();
	return result;
}
