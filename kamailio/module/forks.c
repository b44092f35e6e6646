/*
 * im_sidecar: dialogs that one INVITE of ours has made, and our ACKs for them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "keys.h"

#include <stdlib.h>

#include "check.h"
#include "pack.h"

static void free_ack(im_ack_t *ack)
{
	if(!ack)
		return;
	free(ack->block);
	free(ack);
}

void im_key_free_forks(im_key_t *key)
{
	im_fork_t *f;

	while((f = key->forks)) {
		key->forks = f->next;
		free_ack(f->ack);
		free(f->block);
		free(f);
	}
}

im_fork_t *im_key_fork(im_key_t *key, im_slice_t to_tag)
{
	im_fork_t *f;

	for(f = key->forks; f; f = f->next)
		if(im_slice_eq(f->to_tag, to_tag))
			return f;
	return NULL;
}

im_fork_t *im_key_add_fork(im_key_t *key, im_slice_t to_tag)
{
	im_slice_t *strings[1];
	im_fork_t *f;

	if(key->fork_count >= IM_FORKS_MAX)
		return NULL;
	f = calloc(1, sizeof(*f));
	if(!f)
		return NULL;
	f->to_tag = to_tag;
	strings[0] = &f->to_tag;
	f->block = im_pack(strings, 1);
	if(!f->block) {
		free(f);
		return NULL;
	}
	f->next = key->forks;
	key->forks = f;
	key->fork_count++;
	return f;
}

int im_fork_keep_ack(im_fork_t *fork, const im_action_t *a)
{
	im_ack_t *ack = calloc(1, sizeof(*ack));
	im_slice_t *strings[4];
	char *headers;

	if(!ack)
		return -1;
	ack->headers.len = im_headers_size(a->headers, a->header_count);
	headers = malloc(ack->headers.len + 1);
	if(!headers) {
		free(ack);
		return -1;
	}
	im_headers_write(headers, a->headers, a->header_count);
	ack->headers.s = headers;
	ack->uri = a->uri;
	ack->next_hop = a->next_hop;
	ack->body = a->body;
	strings[0] = &ack->uri;
	strings[1] = &ack->next_hop;
	strings[2] = &ack->headers;
	strings[3] = &ack->body;
	ack->block = im_pack(strings, 4);
	free(headers);
	if(!ack->block) {
		free(ack);
		return -1;
	}
	free_ack(fork->ack);
	fork->ack = ack;
	return 0;
}
