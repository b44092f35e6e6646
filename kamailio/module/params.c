/*
 * im_sidecar: module parameters
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "params.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/mem/mem.h"
#include "core/resolve.h"
#include "core/socket_info.h"
#include "list.h"
#include "owners.h"
#include "table.h"

im_params_t im_params = {
		.decline_route = str_init("IM_DECLINED"),
		.max_events = 65536,
		.max_event_bytes = 64 << 20,
		.max_transactions = 262144,
		.max_keys = 262144,
		.max_headers = 256,
		.max_body = 1 << 20,
		.max_batch_bytes = 16 << 20,
		.invite_timeout = 180000,
		.request_timeout = 32000,
		.originate_timeout = 32000,
		.hold_timeout = 32000,
		.memory_time = 64000,
		.retry_after = 5,
		.window_bytes = 1 << 20,
		.keepalive_ms = 3000,
		.keepalive_timeout_ms = 2000,
		.link_timeout = 3000,
};

im_core_socket_t im_core_sockets[IM_MAX_SOCKETS];
int im_core_socket_count = 0;

static char *socket_texts[IM_MAX_SOCKETS];
static im_slice_t domains_text = {NULL, 0};
static char host_name[256];
static char all_targets[4096];
static char targets[IM_NODES_MAX][IM_TARGET_MAX];
static int target_count = 0;

static int add_socket(modparam_t type, void *value)
{
	if(im_core_socket_count >= IM_MAX_SOCKETS) {
		LM_ERR("more than %d core sockets\n", IM_MAX_SOCKETS);
		return -1;
	}
	socket_texts[im_core_socket_count++] = (char *)value;
	return 0;
}

/* One, or several with commas between them. */
static int add_targets(modparam_t type, void *value)
{
	im_slice_t rest = im_text((char *)value), one;
	int used = im_params.target.len, n;

	while(im_list_next(&rest, &one)) {
		if(target_count >= IM_NODES_MAX || one.len < 1
				|| one.len >= IM_TARGET_MAX) {
			LM_ERR("parameter target: '%.*s' is empty or longer than %d, or"
				   " one more than %d\n",
					one.len, one.s, IM_TARGET_MAX - 1, IM_NODES_MAX);
			return -1;
		}
		snprintf(
				targets[target_count++], IM_TARGET_MAX, "%.*s", one.len, one.s);
		n = snprintf(all_targets + used, sizeof(all_targets) - used, "%s%.*s",
				used ? "," : "", one.len, one.s);
		used = used + n < (int)sizeof(all_targets) ? used + n : used;
	}
	im_params.target.s = all_targets;
	im_params.target.len = used;
	return 0;
}

const char *im_params_target(int number)
{
	return number < target_count ? targets[number] : NULL;
}

static int set_domains(modparam_t type, void *value)
{
	domains_text = im_text((char *)value);
	return 0;
}

/* clang-format off */
param_export_t im_param_exports[] = {
	{"target", PARAM_STRING | USE_FUNC_PARAM, (void *)add_targets},
	{"tls_ca", PARAM_STR, &im_params.tls_ca},
	{"tls_certificate", PARAM_STR, &im_params.tls_certificate},
	{"tls_key", PARAM_STR, &im_params.tls_key},
	{"tls_name", PARAM_STR, &im_params.tls_name},
	{"instance", PARAM_STR, &im_params.instance},
	{"socket", PARAM_STRING | USE_FUNC_PARAM, (void *)add_socket},
	{"domains", PARAM_STRING | USE_FUNC_PARAM, (void *)set_domains},
	{"mark_secret", PARAM_STR, &im_params.mark_secret},
	{"direct", PARAM_INT, &im_params.direct},
	{"decline_route", PARAM_STR, &im_params.decline_route},
	{"max_events", PARAM_INT, &im_params.max_events},
	{"max_event_bytes", PARAM_INT, &im_params.max_event_bytes},
	{"max_transactions", PARAM_INT, &im_params.max_transactions},
	{"max_keys", PARAM_INT, &im_params.max_keys},
	{"max_headers", PARAM_INT, &im_params.max_headers},
	{"max_body", PARAM_INT, &im_params.max_body},
	{"max_batch_bytes", PARAM_INT, &im_params.max_batch_bytes},
	{"invite_timeout", PARAM_INT, &im_params.invite_timeout},
	{"request_timeout", PARAM_INT, &im_params.request_timeout},
	{"originate_timeout", PARAM_INT, &im_params.originate_timeout},
	{"hold_timeout", PARAM_INT, &im_params.hold_timeout},
	{"memory_time", PARAM_INT, &im_params.memory_time},
	{"retry_after", PARAM_INT, &im_params.retry_after},
	{"window_bytes", PARAM_INT, &im_params.window_bytes},
	{"keepalive_time", PARAM_INT, &im_params.keepalive_ms},
	{"keepalive_timeout", PARAM_INT, &im_params.keepalive_timeout_ms},
	{"link_timeout", PARAM_INT, &im_params.link_timeout},
	{0, 0, 0}
};
/* clang-format on */

static int check_range(const char *name, int value, int low, int high)
{
	if(value >= low && value <= high)
		return 0;
	LM_ERR("parameter %s is %d, must be %d to %d\n", name, value, low, high);
	return -1;
}

/* A file that is no PEM would show itself only when nobody can attach. */
static int has_block(const char *path, const char *kind)
{
	char line[128];
	int found = 0;
	FILE *file = fopen(path, "r");

	if(!file)
		return 0;
	while(!found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "-----BEGIN ", 11) && strstr(line, kind);
	fclose(file);
	return found;
}

static int check_file(const char *name, str *path, const char *kind)
{
	if(path->len < 1) {
		LM_ERR("parameter %s is missing: target is no Unix socket, so TLS must"
			   " say who the two are\n",
				name);
		return -1;
	}
	if(access(path->s, R_OK) < 0) {
		LM_ERR("parameter %s: '%.*s' cannot be read: %s\n", name, path->len,
				path->s, strerror(errno));
		return -1;
	}
	if(!has_block(path->s, kind)) {
		LM_ERR("parameter %s: '%.*s' holds no PEM block of a %s\n", name,
				path->len, path->s, kind);
		return -1;
	}
	return 0;
}

static int check_targets(im_params_t *p)
{
	int i, j, remote = 0;

	if(!target_count) {
		LM_ERR("parameter target is missing (unix:/path, dns:name:port or"
			   " ipv4:address:port)\n");
		return -1;
	}
	if(p->tls_name.len > IM_MAX_TEXT) {
		LM_ERR("parameter tls_name is longer than %d\n", IM_MAX_TEXT);
		return -1;
	}
	for(i = 0; i < target_count; i++) {
		remote |= strncmp(targets[i], "unix:", 5) != 0;
		for(j = 0; j < i; j++)
			if(!strcmp(targets[i], targets[j])) {
				LM_ERR("parameter target: '%s' is there twice\n", targets[i]);
				return -1;
			}
	}
	if(!remote)
		return 0;
	if(check_file("tls_ca", &p->tls_ca, "CERTIFICATE") < 0
			|| check_file("tls_certificate", &p->tls_certificate, "CERTIFICATE")
					   < 0
			|| check_file("tls_key", &p->tls_key, "PRIVATE KEY") < 0)
		return -1;
	return 0;
}

int im_params_init(void)
{
	im_params_t *p = &im_params;

	if(check_targets(p) < 0)
		return -1;
	if(p->instance.len < 1) {
		if(gethostname(host_name, sizeof(host_name) - 1) < 0)
			snprintf(host_name, sizeof(host_name), "kamailio");
		p->instance.s = host_name;
		p->instance.len = strlen(host_name);
	}
	if(check_range("direct", p->direct, 0, 1) < 0
			|| check_range("max_events", p->max_events, 16, 1 << 20) < 0
			|| check_range(
					   "max_event_bytes", p->max_event_bytes, 1 << 20, 1 << 30)
					   < 0
			|| check_range("max_transactions", p->max_transactions, 16, 1 << 22)
					   < 0
			|| check_range("max_keys", p->max_keys, 16, 1 << 22) < 0
			|| check_range("max_headers", p->max_headers, 16, 4096) < 0
			|| check_range("max_body", p->max_body, 1024, 16 << 20) < 0
			|| check_range("max_batch_bytes", p->max_batch_bytes, 1 << 20,
					   256 << 20)
					   < 0
			|| check_range("invite_timeout", p->invite_timeout, 100, 180000) < 0
			|| check_range("request_timeout", p->request_timeout, 100, 32000)
					   < 0
			|| check_range(
					   "originate_timeout", p->originate_timeout, 100, 32000)
					   < 0
			|| check_range("hold_timeout", p->hold_timeout, 100, 64000) < 0
			|| check_range("memory_time", p->memory_time, 100, 600000) < 0
			|| check_range("retry_after", p->retry_after, 1, 3600) < 0
			|| check_range("window_bytes", p->window_bytes, 65536, 64 << 20) < 0
			|| check_range("keepalive_time", p->keepalive_ms, 1000, 600000) < 0
			|| check_range(
					   "keepalive_timeout", p->keepalive_timeout_ms, 100, 60000)
					   < 0
			|| check_range("link_timeout", p->link_timeout, 1000, 60000) < 0)
		return -1;
	return 0;
}

/* tcp:IP:PORT */
static int core_socket_init(im_core_socket_t *core, char *text)
{
	char *host;
	int len, port, proto, n;
	str name;

	if(parse_phostport(text, &host, &len, &port, &proto) < 0
			|| proto != PROTO_TCP || port <= 0) {
		LM_ERR("socket '%s' is not tcp:IP:PORT\n", text);
		return -1;
	}
	name.s = host;
	name.len = len;
	if(!str2ip(&name) && !str2ip6(&name)) {
		LM_ERR("socket '%s': '%.*s' is no IP address\n", text, len, host);
		return -1;
	}
	core->socket = grep_sock_info(&name, port, PROTO_TCP);
	if(!core->socket) {
		LM_ERR("socket '%s': Kamailio does not listen there\n", text);
		return -1;
	}
	n = snprintf(core->uri, sizeof(core->uri), "sip:%.*s:%d;transport=tcp",
			core->socket->address_str.len, core->socket->address_str.s, port);
	if(core->socket->address.af == AF_INET6)
		n = snprintf(core->uri, sizeof(core->uri),
				"sip:[%.*s]:%d;transport=tcp", core->socket->address_str.len,
				core->socket->address_str.s, port);
	core->next_hop = im_slice(core->uri, n);
	return 0;
}

int im_core_sockets_init(void)
{
	int i;

	for(i = 0; i < im_core_socket_count; i++)
		if(core_socket_init(&im_core_sockets[i], socket_texts[i]) < 0)
			return -1;
	if(!im_core_socket_count)
		LM_WARN("no parameter socket: the sidecar must name every next hop\n");
	return 0;
}

const im_core_socket_t *im_core_socket_for(im_slice_t call_id)
{
	if(!im_core_socket_count)
		return NULL;
	return &im_core_sockets[im_hash(call_id) % im_core_socket_count];
}

int im_params_domains(im_slice_t *domains, int max)
{
	im_slice_t rest = domains_text;
	int count = 0;

	while(count < max && im_list_next(&rest, &domains[count]))
		count++;
	return count;
}
