/*
 * im_sidecar: a request that goes on changed
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "relay.h"

#include "address.h"
#include "check.h"
#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/dset.h"
#include "core/globals.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "lumps.h"
#include "params.h"
#include "passed.h"

struct im_relay
{
	int record_route;
	im_session_case_t passed;
	im_slice_t uri;
	im_slice_t added; /* as text */
	int name_count;
	im_slice_t names[]; /* that go no further */
};

static int begins = 0;					 /* the route has not run yet */
static const im_relay_t *current = NULL; /* what it is for */

const char *im_relay_check(const im_action_t *a)
{
	int i;

	if(a->uri.len && !im_is_uri(a->uri))
		return "Request-URI does not parse";
	if(a->passed > IM_CASE_TERMINATING)
		return "no such session case";
	if(a->name_count >= IM_MAX_NAMES)
		return "too many headers to remove";
	for(i = 0; i < a->name_count; i++) {
		im_header_t removed = {a->names[i], {"", 0}};
		const char *wrong = im_check_headers(&removed, 1, 1);
		if(wrong)
			return wrong;
	}
	return im_check_headers(a->headers, a->header_count, im_params.max_headers);
}

static im_slice_t put(char **p, im_slice_t v)
{
	im_slice_t copy = im_slice(*p, v.len);

	if(v.len > 0)
		memcpy(*p, v.s, v.len);
	*p += v.len;
	return copy;
}

im_relay_t *im_relay_new(const im_action_t *a)
{
	int added = im_headers_size(a->headers, a->header_count);
	size_t size = sizeof(im_relay_t) + a->name_count * sizeof(im_slice_t)
				  + a->uri.len + added;
	im_relay_t *relay;
	char *p;
	int i;

	for(i = 0; i < a->name_count; i++)
		size += a->names[i].len;
	relay = shm_malloc(size);
	if(!relay) {
		SHM_MEM_ERROR;
		return NULL;
	}
	relay->record_route = a->record_route;
	relay->passed = (im_session_case_t)a->passed;
	relay->name_count = a->name_count;
	p = (char *)(relay->names + a->name_count);
	for(i = 0; i < a->name_count; i++)
		relay->names[i] = put(&p, a->names[i]);
	relay->uri = put(&p, a->uri);
	im_headers_write(p, a->headers, a->header_count);
	relay->added = im_slice(p, added);
	return relay;
}

void im_relay_free(im_relay_t *relay)
{
	if(relay)
		shm_free(relay);
}

void im_relay_begin(const im_relay_t *relay)
{
	begins = 1;
	current = relay;
}

void im_relay_end(void)
{
	begins = 0;
	current = NULL;
}

static int set_uri(struct sip_msg *msg, im_slice_t uri)
{
	str value = {(char *)uri.s, uri.len};

	return uri.len == 0 || rewrite_uri(msg, &value) >= 0 ? 0 : -1;
}

static int change(struct sip_msg *msg, const im_relay_t *relay)
{
	im_slice_t served = IM_SLICE(*GET_RURI(msg));
	char line[IM_PASSED_MAX];
	im_slice_t mark;
	int i;

	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	/* whom the second half is for, and what the first half made of it */
	if(relay->passed == IM_CASE_ORIGINATING && relay->uri.len)
		served = relay->uri;
	mark = im_passed_line(msg, relay->passed, served, line, sizeof(line));
	for(i = 0; i < relay->name_count; i++)
		if(im_lumps_remove(msg, relay->names[i]) < 0)
			return -1;
	if(im_lumps_add(msg, mark) < 0 || im_lumps_add(msg, relay->added) < 0)
		return -1;
	return set_uri(msg, relay->uri);
}

int im_relay_apply(struct sip_msg *msg, unsigned flags, void *param)
{
	if(!begins)
		return 1;
	begins = 0;
	/* as in the worker that took it: it leaves by the socket it came to */
	bind_address = msg->rcv.bind_address;
	if(!current || change(msg, current) == 0)
		return 1;
	LM_ERR("a request cannot be changed, it does not go on\n");
	return 0;
}

int im_relay_get(struct sip_msg *msg, pv_param_t *param, pv_value_t *result)
{
	static str stay = str_init("stay");
	static str pass = str_init("pass");

	if(!current)
		return pv_get_null(msg, param, result);
	return pv_get_strval(
			msg, param, result, current->record_route ? &stay : &pass);
}
