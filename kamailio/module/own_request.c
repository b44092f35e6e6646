/*
 * im_sidecar: requests of ours as the workers read them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "own_request.h"

#include "core/parser/msg_parser.h"
#include "event.h"
#include "params.h"
#include "shared.h"
#include "sip_view.h"

static int came_by_core_socket(const struct sip_msg *msg)
{
	int i;

	for(i = 0; i < im_core_socket_count; i++)
		if(msg->rcv.bind_address == im_core_sockets[i].socket)
			return 1;
	return 0;
}

/* INVITEs are told by their 100. */
static int is_wanted(struct sip_msg *msg)
{
	return atomic_get(&im_shared->tight) && msg->first_line.type == SIP_REQUEST
		   && !(msg->REQ_METHOD
					& (METHOD_INVITE | METHOD_ACK | METHOD_CANCEL))
		   && came_by_core_socket(msg)
		   && parse_headers(msg, HDR_EOH_F, 0) == 0 && msg->via1
		   && !msg->via1->next && !msg->h_via2;
}

int im_on_own_request(struct sip_msg *msg, unsigned flags, void *param)
{
	im_event_t source = {0};
	im_sip_view_t view;

	if(!is_wanted(msg) || im_sip_view(msg, NULL, &view) < 0)
		return 1;
	source.type = IM_EV_READ;
	source.dialog = view.dialog;
	im_event_send(&source);
	return 1;
}
