/*
 * im_sidecar: what the link says first on every stream
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hello.h"

#include <stdlib.h>

#include "core/socket_info.h"
#include "core/ver.h"
#include "frame.h"
#include "params.h"
#include "shared.h"
#include "sip_view.h"

#define MAX_SOCKETS_TOLD 256

static int view_sockets(im_socket_t *sockets, int max)
{
	static const int protocols[] = {
			PROTO_UDP, PROTO_TCP, PROTO_TLS, PROTO_SCTP};
	struct socket_info **list, *si;
	int i, count = 0;

	for(i = 0; i < 4; i++) {
		list = get_sock_info_list(protocols[i]);
		for(si = list ? *list : NULL; si && count < max; si = si->next)
			im_socket_view(si, &sockets[count++]);
	}
	return count;
}

char *im_hello_write(uint64_t replays_up_to, int *len)
{
	static im_socket_t sockets[MAX_SOCKETS_TOLD];
	im_extra_t none = {0};
	im_hello_t hello = {0};
	im_slice_t payload;
	char *bytes;

	hello.instance = IM_SLICE(im_params.instance);
	hello.boot_id = im_text(im_shared->boot_id);
	hello.kamailio_version = im_text(SER_FULL_VERSION);
	hello.module_version = im_text(IM_MODULE_VERSION);
	hello.sockets = sockets;
	hello.socket_count = view_sockets(sockets, MAX_SOCKETS_TOLD);
	hello.replays_up_to = replays_up_to;
	if(im_encode_hello(&hello, &payload) < 0)
		return NULL;
	*len = im_frame_size(0, IM_FIELD_HELLO, payload, none);
	bytes = malloc(*len);
	if(bytes)
		im_frame_write(bytes, 0, IM_FIELD_HELLO, payload, none);
	return bytes;
}
