/*
 * im_sidecar: module interface: functions, start, processes
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/mod_fix.h"
#include "core/parser/parse_uri.h"
#include "core/pt.h"
#include "core/script_cb.h"
#include "core/sr_module.h"

#include "answers.h"
#include "decline.h"
#include "event.h"
#include "forward.h"
#include "im_tm.h"
#include "link.h"
#include "mark_route.h"
#include "originate.h"
#include "own_request.h"
#include "params.h"
#include "passed.h"
#include "registered.h"
#include "relay.h"
#include "rpc.h"
#include "seal.h"
#include "shared.h"
#include "tm_calls.h"

MODULE_VERSION

struct tm_binds im_tm;

static int w_im_forward(struct sip_msg *msg, char *trust, char *identity)
{
	str how, who;

	if(fixup_get_svalue(msg, (gparam_t *)trust, &how) < 0
			|| fixup_get_svalue(msg, (gparam_t *)identity, &who) < 0)
		return -2;
	if(im_slice_eq(IM_SLICE(how), im_text("trusted")))
		return im_forward(msg, 1, NULL);
	if(im_slice_eq(IM_SLICE(how), im_text("authenticated")))
		return im_forward(msg, 0, &who);
	LM_ERR("im_forward: first parameter is trusted or authenticated\n");
	return -2;
}

static int w_im_is_ours(struct sip_msg *msg, char *a, char *b)
{
	if(msg->first_line.type != SIP_REQUEST || parse_sip_msg_uri(msg) < 0)
		return -1;
	return im_shared_has_domain(IM_SLICE(msg->parsed_uri.host)) ? 1 : -1;
}

static int w_im_mark_ok(struct sip_msg *msg, char *a, char *b)
{
	return im_mark_ok(msg);
}

static int w_im_unmark(struct sip_msg *msg, char *a, char *b)
{
	return im_unmark(msg);
}

static int w_im_ack(struct sip_msg *msg, char *a, char *b)
{
	return im_ack(msg);
}

static int w_im_registered(struct sip_msg *msg, char *a, char *b)
{
	return im_registered(msg);
}

static int w_im_up(struct sip_msg *msg, char *a, char *b)
{
	return im_is_up() ? 1 : -1;
}

static int bind_tm(void)
{
	if(load_tm_api(&im_tm) < 0) {
		LM_ERR("module tm must be loaded before im_sidecar\n");
		return -1;
	}
	if(im_tm.register_tmcb(0, 0, TMCB_LOCAL_REQUEST_IN, im_originate_made, 0, 0)
			<= 0) {
		LM_ERR("cannot register with tm\n");
		return -1;
	}
	return 0;
}

static void check_tm_params(void)
{
	struct sr_module *tm = find_module_by_name("tm");
	modparam_t type;
	int *pass = NULL;

	if(tm)
		pass = find_param_export(
				tm, "pass_provisional_replies", PARAM_INT, &type);
	if(pass && !*pass)
		LM_WARN("tm's pass_provisional_replies is not set: the sidecar will "
				"not see that its INVITEs ring\n");
}

static int mod_init(void)
{
	if(im_params_init() < 0 || bind_tm() < 0 || im_shared_init() < 0
			|| im_pipe_init() < 0 || im_core_sockets_init() < 0)
		return -1;
	if(register_script_cb(im_on_reply, PRE_SCRIPT_CB | ONREPLY_CB, 0) < 0) {
		LM_ERR("cannot register the reply callback\n");
		return -1;
	}
	if(register_script_cb(im_on_own_request, PRE_SCRIPT_CB | REQUEST_CB, 0)
			< 0) {
		LM_ERR("cannot register the request callback\n");
		return -1;
	}
	/* tm knows a route that goes on as a failure route */
	if(register_script_cb(im_relay_apply, PRE_SCRIPT_CB | FAILURE_CB, 0) < 0) {
		LM_ERR("cannot register the callback of what goes on\n");
		return -1;
	}
	check_tm_params();
	im_decline_init();
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

/* The link process. */
static int child_init(int rank)
{
	int pid;

	if(rank != PROC_MAIN)
		return 0;
	pid = fork_process(PROC_RPC, "IM sidecar link", 1);
	if(pid < 0)
		return -1;
	if(pid == 0) {
		if(cfg_child_init())
			exit(-1);
		im_link_run();
	}
	return 0;
}

static void mod_destroy(void)
{
	im_shared_destroy();
}

/* clang-format off */
static cmd_export_t cmds[] = {
	{"im_forward", (cmd_function)w_im_forward, 2, fixup_spve_spve,
		fixup_free_spve_spve, REQUEST_ROUTE},
	{"im_is_ours", (cmd_function)w_im_is_ours, 0, 0, 0, ANY_ROUTE},
	{"im_mark_ok", (cmd_function)w_im_mark_ok, 0, 0, 0, REQUEST_ROUTE},
	{"im_unmark", (cmd_function)w_im_unmark, 0, 0, 0, REQUEST_ROUTE | FAILURE_ROUTE},
	{"im_ack", (cmd_function)w_im_ack, 0, 0, 0, REQUEST_ROUTE},
	{"im_registered", (cmd_function)w_im_registered, 0, 0, 0, REQUEST_ROUTE},
	{"im_up", (cmd_function)w_im_up, 0, 0, 0, ANY_ROUTE},
	{0, 0, 0, 0, 0, 0}
};

struct module_exports exports = {
	"im_sidecar",     /* module name */
	DEFAULT_DLFLAGS,  /* dlopen flags */
	cmds,             /* exported functions */
	im_param_exports, /* exported parameters */
	im_rpc_exports,   /* RPC methods */
	im_pv_exports,    /* exported pseudo-variables */
	0,                /* response handling function */
	mod_init,         /* module initialization function */
	child_init,       /* per-child initialization function */
	mod_destroy       /* module destroy function */
};
/* clang-format on */
