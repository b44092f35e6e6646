/*
 * im_sidecar: module parameters
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_PARAMS_H
#define IM_PARAMS_H

#include "core/sr_module.h"
#include "core/str.h"
#include "slice.h"

#define IM_MAX_SOCKETS 32
#define IM_MAX_TEXT 511

struct socket_info;

typedef struct im_core_socket
{
	struct socket_info *socket;
	char uri[80]; /* sip:IP:PORT;transport=tcp */
	im_slice_t next_hop;
} im_core_socket_t;

typedef struct im_params
{
	str target; /* all of them, with commas between them */
	str tls_ca; /* PEM: who may have signed the sidecar's certificate */
	str tls_certificate;
	str tls_key;
	str tls_name; /* in the sidecar's certificate, if it is not that of target */
	str instance;
	str mark_secret;
	str decline_route;
	int direct;		/* requests within a dialog need no route of the script */
	int max_events; /* not confirmed, before requests are refused */
	int max_event_bytes;  /* the same in bytes */
	int max_transactions; /* remembered at a time */
	int max_keys;		  /* action keys remembered at a time */
	int max_headers;
	int max_body;
	int max_batch_bytes;
	int invite_timeout;	 /* ms a suspended INVITE may wait for a final reply */
	int request_timeout; /* ms another suspended request may wait */
	int originate_timeout; /* ms to the first answer to a request of ours */
	int hold_timeout;	   /* ms our 2xx waits for its ACK */
	int memory_time;	   /* ms an ended transaction or key is remembered */
	int retry_after;	   /* seconds, in a 503 of the link */
	int window_bytes;	   /* unanswered request bytes per TCP next hop */
	int keepalive_ms;
	int keepalive_timeout_ms;
	int link_timeout; /* ms after which a silent link counts as gone */
} im_params_t;

extern im_params_t im_params;
extern param_export_t im_param_exports[];

extern im_core_socket_t im_core_sockets[IM_MAX_SOCKETS];
extern int im_core_socket_count;

/* Checks and completes the parameters; 0 or -1. */
int im_params_init(void);

/* The sidecars of the parameter target, by number from 0; NULL at the end. */
const char *im_params_target(int number);

/* Finds the core sockets among those Kamailio listens on; 0 or -1. */
int im_core_sockets_init(void);

/* The core socket for a dialog; NULL if there is none. */
const im_core_socket_t *im_core_socket_for(im_slice_t call_id);

/* Domains of the modparam, until a sidecar names its own. */
int im_params_domains(im_slice_t *domains, int max);

#endif
