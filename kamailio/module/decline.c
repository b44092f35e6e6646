/*
 * im_sidecar: hands a request back to the route
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "decline.h"

#include <stdio.h>

#include "core/str.h"
#include "core/async_task.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/route.h"
#include "im_tm.h"
#include "params.h"

typedef struct decline_task
{
	unsigned index;
	unsigned label;
	im_relay_t *relay;
} decline_task_t;

static int route = -1;

void im_decline_init(void)
{
	char name[128];

	snprintf(name, sizeof(name), "%.*s", im_params.decline_route.len,
			im_params.decline_route.s);
	route = route_lookup(&main_rt, name);
	if(route < 0 || !main_rt.rlist[route])
		LM_WARN("no route %s: what the sidecar declines is answered 500\n",
				name);
}

static void go_on(unsigned index, unsigned label, im_relay_t *relay)
{
	im_relay_begin(relay);
	if(im_tm.t_continue(index, label, main_rt.rlist[route]) < 0)
		LM_WARN("a declined request cannot go on\n");
	im_relay_end();
	im_relay_free(relay);
	im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
}

static void run_task(void *param)
{
	decline_task_t *d = param;

	go_on(d->index, d->label, d->relay);
}

static int push_task(const im_trans_t *trans, im_relay_t *relay)
{
	async_task_t *task = shm_malloc(sizeof(*task) + sizeof(decline_task_t));
	decline_task_t *d;

	if(!task) {
		SHM_MEM_ERROR;
		return -1;
	}
	d = (decline_task_t *)(task + 1);
	d->index = trans->index;
	d->label = trans->label;
	d->relay = relay;
	task->exec = run_task;
	task->param = d;
	if(async_task_push(task) < 0) {
		shm_free(task);
		return -1;
	}
	return 0;
}

/* The waiting times of the transaction as they were before we took it. */
static int restore_timers(const im_trans_t *trans)
{
	struct cell *t = NULL;
	int found = im_tm.t_lookup_ident(&t, trans->index, trans->label) > 0;

	if(found) {
		t->fr_timeout = trans->fr_timeout;
		t->fr_inv_timeout = trans->fr_inv_timeout;
		im_tm.unref_cell(t);
	}
	im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	return found ? 0 : -1;
}

int im_decline(const im_trans_t *trans, im_relay_t *relay)
{
	if(route < 0 || !main_rt.rlist[route] || restore_timers(trans) < 0) {
		im_relay_free(relay);
		return -1;
	}
	if(async_task_workers_active() > 0 && push_task(trans, relay) == 0)
		return 0;
	go_on(trans->index, trans->label, relay);
	return 0;
}
