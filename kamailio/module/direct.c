/*
 * im_sidecar: the way of a request within a dialog without the core socket
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "direct.h"

#include <stdio.h>

#include "address.h"
#include "core/cfg_core.h"
#include "core/forward.h"
#include "core/parser/parse_uri.h"
#include "core/socket_info.h"
#include "list.h"
#include "params.h"
#include "reply_text.h"
#include "sizes.h"

static im_slice_t in_brackets(im_slice_t v)
{
	const char *from = memchr(v.s, '<', v.len);
	const char *to = from ? memchr(from, '>', v.s + v.len - from) : NULL;

	return to ? im_slice(from + 1, to - from - 1) : im_slice("", 0);
}

/* The topmost Route's URI; empty: there is no Route. */
static im_slice_t first_route(const im_action_t *a)
{
	im_slice_t rest, first;
	int i;

	for(i = 0; i < a->header_count; i++) {
		rest = a->headers[i].value;
		if(im_slice_caseeq(a->headers[i].name, im_text("Route"))
				&& im_list_next(&rest, &first))
			return in_brackets(first);
	}
	return im_slice("", 0);
}

/* Beyond the MTU the workers choose another transport. */
static int fits(long size, int udp)
{
	int mtu = cfg_get(core, core_cfg, udp_mtu);

	return im_request_fits(size, udp) && (!udp || !mtu || size < mtu);
}

/* Neither ours nor one that needs a certificate or its own connection. */
static int is_plain(im_slice_t hop, int is_route)
{
	struct sip_uri uri;
	int proto;

	if(parse_uri((char *)hop.s, hop.len, &uri) < 0 || uri.type != SIP_URI_T
			|| (is_route && !uri.lr.s))
		return 0;
	proto = uri.transport_val.len ? uri.proto : PROTO_UDP;
	if(proto != PROTO_UDP && proto != PROTO_TCP)
		return 0;
	return !check_self(&uri.host, uri.port_no ? uri.port_no : SIP_PORT, 0);
}

void im_direct_hop(im_action_t *a, long size)
{
	im_slice_t route, hop;
	int udp;

	if(!im_params.direct || a->next_hop.len)
		return;
	route = first_route(a);
	hop = route.len ? route : a->uri;
	if(im_is_next_hop(hop, &udp) && is_plain(hop, route.len > 0)
			&& fits(size, udp))
		a->next_hop = hop;
}

im_slice_t im_direct_record_route(im_slice_t call_id, char *out, int size)
{
	const im_core_socket_t *core = im_core_socket_for(call_id);
	im_slice_t host;
	int len;

	if(!core)
		return im_slice("", 0);
	host = IM_SLICE(core->socket->useinfo.name);
	if(!host.len)
		host = IM_SLICE(core->socket->address_str);
	len = im_record_route(out, size, host,
			core->socket->useinfo.port_no ? core->socket->useinfo.port_no
										  : core->socket->port_no,
			im_text("tcp"));
	return im_slice(out, len > 0 ? len : 0);
}
