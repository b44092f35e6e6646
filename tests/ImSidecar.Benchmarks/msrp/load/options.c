/*
 * msrp load: options of a run
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

options_t options = {.mode = "relay",
		.sessions = 1,
		.size = 200,
		.window = 32,
		.warm = 1,
		.seconds = 4};

static void usage(void)
{
	fprintf(stderr,
			"usage: msrp-load --mode relay|fan|idle --to HOST:PORT "
			"[OPTION...]\n"
			"  relay: each session sends through the relay, window messages at "
			"once,\n"
			"         to a peer at --from HOST:PORT (its address and the next "
			"ones)\n"
			"  fan:   the first leg of the switch speaks, all others hear it\n"
			"  idle:  sessions are opened and do nothing; memory of --cpu's "
			"first group\n"
			"  --sessions N  --size BYTES  --window N  --warm S  --seconds S\n"
			"  --user NAME --password TEXT   AUTH to the relay first\n"
			"  --certificate FILE --key FILE TLS, on both sides\n"
			"  --cpu NAME=PID[,PID...]       whose CPU time is told\n");
	exit(64);
}

static void address(const char *text, struct sockaddr_in *to)
{
	char host[64];
	unsigned short port;

	if(sscanf(text, "%63[0-9.]:%hu", host, &port) != 2
			|| inet_pton(AF_INET, host, &to->sin_addr) != 1)
		usage();
	to->sin_family = AF_INET;
	to->sin_port = htons(port);
}

static void group(char *text)
{
	char *equals = strchr(text, '=');

	if(!equals || options.cpu_count == CPU_GROUPS_MAX)
		usage();
	*equals = 0;
	options.cpu[options.cpu_count++] = (cpu_group_t){text, equals + 1};
}

static int option(const char *name, char *value)
{
	if(!strcmp(name, "--mode"))
		options.mode = value;
	else if(!strcmp(name, "--to"))
		address(value, &options.to);
	else if(!strcmp(name, "--from"))
		address(value, &options.from);
	else if(!strcmp(name, "--sessions"))
		options.sessions = atoi(value);
	else if(!strcmp(name, "--size"))
		options.size = atoi(value);
	else if(!strcmp(name, "--window"))
		options.window = atoi(value);
	else if(!strcmp(name, "--user"))
		options.user = value;
	else if(!strcmp(name, "--password"))
		options.password = value;
	else if(!strcmp(name, "--certificate"))
		options.certificate = value;
	else if(!strcmp(name, "--key"))
		options.key = value;
	else if(!strcmp(name, "--warm"))
		options.warm = atof(value);
	else if(!strcmp(name, "--seconds"))
		options.seconds = atof(value);
	else if(!strcmp(name, "--cpu"))
		group(value);
	else
		return 0;
	return 1;
}

void options_read(int argc, char **argv)
{
	int i;

	for(i = 1; i + 1 < argc; i += 2) {
		if(!option(argv[i], argv[i + 1]))
			usage();
	}
	if(i != argc || !options.to.sin_port || options.sessions < 1
			|| options.size < 1 || options.window < 1)
		usage();
}
