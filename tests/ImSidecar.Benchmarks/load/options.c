/*
 * load: options of a run
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

options_t options = {
		.mode = "subscribe",
		.domain = "im.example.com",
		.factory = "conf-factory",
		.conferences = 64,
		.invitees = 4,
		.users = 1000,
		.messages = 10,
		.away = "away.example.com",
		.outstanding = 128,
		.warm = 2,
		.seconds = 10,
};

static void usage(void)
{
	fputs("load --mode subscribe|invite|notify|tell|options|message|collect --to IP:PORT --from IP:PORT\n"
		  "  --alone              the other side is Kamailio without ImSidecar\n"
		  "  --presence           the other side is Kamailio's module presence\n"
		  "  --conferences N      that are open at once\n"
		  "  --invitees N         of each conference\n"
		  "  --watchers N         of each conference, who do not attend it\n"
		  "  --users N            who are away\n"
		  "  --messages N         left for each of them\n"
		  "  --kept               somebody else has left them\n"
		  "  --pages              they take no MSRP\n"
		  "  --again              they register over and over meanwhile\n"
		  "  --outstanding N      closed loop: so many units at once\n"
		  "  --rate N             open loop: so many units each second\n"
		  "  --warm S --seconds S\n"
		  "  --domain HOST --factory USER\n"
		  "  --cpu NAME=PID,...   whose CPU time is told, may be repeated; +PID: with its\n"
		  "                       children, those too that come and go meanwhile\n"
		  "  --counts COMMAND     prints lines NAME NUMBER; what they have grown by is told\n",
			stderr);
	exit(64);
}

static void read_address(const char *text, struct sockaddr_in *address)
{
	char host[32];
	int port;

	if(sscanf(text, "%31[0-9.]:%d", host, &port) != 2
			|| inet_pton(AF_INET, host, &address->sin_addr) != 1)
		usage();
	address->sin_family = AF_INET;
	address->sin_port = htons(port);
}

static void add_cpu(char *text)
{
	char *pids = strchr(text, '=');

	if(!pids || options.cpu_count == CPU_GROUPS_MAX)
		usage();
	*pids++ = '\0';
	options.cpu[options.cpu_count].name = text;
	options.cpu[options.cpu_count++].pids = pids;
}

void options_read(int argc, char **argv)
{
	static const struct option known[] = {
			{"mode", 1, NULL, 'm'}, {"alone", 0, NULL, 'a'},
			{"presence", 0, NULL, 'e'}, {"watchers", 1, NULL, 'n'},
			{"users", 1, NULL, 'u'}, {"messages", 1, NULL, 'g'},
			{"kept", 0, NULL, 'k'}, {"pages", 0, NULL, 'b'},
			{"again", 0, NULL, 'l'},
			{"to", 1, NULL, 't'}, {"from", 1, NULL, 'f'},
			{"conferences", 1, NULL, 'c'}, {"invitees", 1, NULL, 'i'},
			{"outstanding", 1, NULL, 'o'}, {"rate", 1, NULL, 'r'},
			{"warm", 1, NULL, 'w'}, {"seconds", 1, NULL, 's'},
			{"domain", 1, NULL, 'd'}, {"factory", 1, NULL, 'y'},
			{"cpu", 1, NULL, 'p'}, {"counts", 1, NULL, 'x'}, {0}};
	int c;

	while((c = getopt_long(argc, argv, "", known, NULL)) >= 0)
		switch(c) {
			case 'm': options.mode = optarg; break;
			case 'a': options.alone = 1; break;
			case 'e': options.presence = 1; break;
			case 'n': options.watchers = atoi(optarg); break;
			case 'u': options.users = atoi(optarg); break;
			case 'g': options.messages = atoi(optarg); break;
			case 'k': options.kept = 1; break;
			case 'b': options.pages = 1; break;
			case 'l': options.again = 1; break;
			case 't': read_address(optarg, &options.to); break;
			case 'f':
				read_address(optarg, &options.from);
				snprintf(options.from_text, sizeof(options.from_text), "%s",
						optarg);
				break;
			case 'c': options.conferences = atoi(optarg); break;
			case 'i': options.invitees = atoi(optarg); break;
			case 'o': options.outstanding = atoi(optarg); break;
			case 'r': options.rate = atof(optarg); break;
			case 'w': options.warm = atof(optarg); break;
			case 's': options.seconds = atof(optarg); break;
			case 'd': options.domain = optarg; break;
			case 'y': options.factory = optarg; break;
			case 'p': add_cpu(optarg); break;
			case 'x': options.counts = optarg; break;
			default: usage();
		}
	if(optind < argc || !options.to.sin_port || !options.from.sin_port
			|| options.conferences < 1 || options.conferences > CONFERENCES_MAX
			|| options.invitees < 1 || options.watchers < 0
			|| options.users < 1 || options.messages < 1
			|| options.messages > 60 || options.outstanding < 1 || options.seconds <= 0)
		usage();
}
