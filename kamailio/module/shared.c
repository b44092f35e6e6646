/*
 * im_sidecar: what all processes share
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "shared.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/random.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "params.h"
#include "timers.h"
#include "trans.h"

/* how long a phone may have rung when Kamailio died, and go on */
#define STRAY_MS 300000

im_shared_t *im_shared = NULL;
im_slice_t im_secret = {NULL, 0};

static char secret[IM_SECRET_LEN];

static int random_bytes(void *out, int len)
{
	if(getrandom(out, len, 0) == len)
		return 0;
	LM_ERR("getrandom failed\n");
	return -1;
}

static void set_domains(const im_slice_t *domains, int count)
{
	char *p = im_shared->domains;
	int i, j;

	im_shared->domain_count = 0;
	for(i = 0; i < count; i++) {
		if(domains[i].len < 1 || domains[i].len > 255
				|| im_shared->domain_count >= IM_MAX_NAMES
				|| p + domains[i].len + 1
						   > im_shared->domains + sizeof(im_shared->domains)) {
			LM_ERR("domain %d of the sidecar is left out\n", i + 1);
			continue;
		}
		for(j = 0; j < domains[i].len; j++)
			*p++ = tolower((unsigned char)domains[i].s[j]);
		*p++ = '\0';
		im_shared->domain_count++;
	}
}

int im_shared_init(void)
{
	im_slice_t domains[IM_MAX_NAMES];
	unsigned char boot[IM_BOOT_ID_LEN / 2];
	int i;

	im_shared = shm_malloc(sizeof(*im_shared));
	if(!im_shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(im_shared, 0, sizeof(*im_shared));
	memset((void *)im_shared->route, IM_NOBODY, sizeof(im_shared->route));
	im_shared->started = im_now();
	if(!lock_init(&im_shared->lock) || random_bytes(boot, sizeof(boot)) < 0)
		return -1;
	for(i = 0; i < (int)sizeof(boot); i++)
		sprintf(im_shared->boot_id + 2 * i, "%02x", boot[i]);
	if(im_params.mark_secret.len > 0) {
		im_secret = IM_SLICE(im_params.mark_secret);
	} else {
		if(random_bytes(secret, sizeof(secret)) < 0)
			return -1;
		im_secret = im_slice(secret, sizeof(secret));
	}
	set_domains(domains, im_params_domains(domains, IM_MAX_NAMES));
	return 0;
}

void im_shared_destroy(void)
{
	if(im_shared)
		shm_free(im_shared);
	im_shared = NULL;
}

void im_shared_set_node(int index, const im_action_t *hello, const char *target)
{
	im_node_view_t *view = &im_shared->nodes[index];

	lock_get(&im_shared->lock);
	if(hello) {
		snprintf(view->name, sizeof(view->name), "%.*s", hello->node.len,
				hello->node.s);
		snprintf(view->version, sizeof(view->version), "%.*s",
				hello->server_version.len, hello->server_version.s);
		memcpy(im_shared->node, view->name, sizeof(view->name));
		memcpy(im_shared->server_version, view->version, sizeof(view->version));
	} else {
		memset(view, 0, sizeof(*view));
		view->used = 1;
	}
	snprintf(view->target, sizeof(view->target), "%s", target);
	lock_release(&im_shared->lock);
}

void im_shared_set_domains(const im_slice_t *domains, int count)
{
	lock_get(&im_shared->lock);
	set_domains(domains, count);
	lock_release(&im_shared->lock);
}

void im_shared_publish_node(const im_node_t *node)
{
	im_node_view_t *view = &im_shared->nodes[node->index];

	view->attached = node->attached;
	view->slots = node->slots;
	view->held = im_trans_held_by(node->index);
	view->unconfirmed = node->store.count;
	view->unconfirmed_bytes = node->store.bytes;
	view->sequence = node->store.sequence;
	view->confirmed = node->confirmed;
	view->attached_times = node->attached_times;
	atomic_set(&view->full, im_store_full(&node->store));
}

const im_node_view_t *im_shared_node_for(int slot)
{
	int index = im_shared->route[slot];

	return index < IM_NODES_MAX ? &im_shared->nodes[index] : NULL;
}

int im_shared_has_domain(im_slice_t host)
{
	const char *p;
	int i, found = 0;

	lock_get(&im_shared->lock);
	p = im_shared->domains;
	for(i = 0; i < im_shared->domain_count && !found; i++) {
		found = im_slice_caseeq(im_text(p), host);
		p += strlen(p) + 1;
	}
	lock_release(&im_shared->lock);
	return found;
}

static unsigned tenths(void)
{
	return (unsigned)(im_now() / 100);
}

void im_link_beats(void)
{
	atomic_set(&im_shared->beat, (int)tenths());
}

int im_is_up(void)
{
	unsigned silent;

	if(!atomic_get(&im_shared->up))
		return 0;
	silent = tenths() - (unsigned)atomic_get(&im_shared->beat);
	return silent < (unsigned)im_params.link_timeout / 100;
}

int im_stray_time(void)
{
	return im_now() - im_shared->started < STRAY_MS;
}

int im_transaction_write(char *out, unsigned index, unsigned label)
{
	return snprintf(out, IM_TRANSACTION_LEN, "%.8s-%x-%x", im_shared->boot_id,
			index, label);
}
