/*
 * im_sidecar: what a transport carries
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "sizes.h"

#include "core/cfg/cfg_struct.h"
#include "core/globals.h"
#include "core/tcp_options.h"

#define UDP_MAX 64000
#define HEADROOM 1024 /* what Kamailio adds: status line, Via, Server ... */

static int fits(long bytes, int udp)
{
	long max = udp ? UDP_MAX : (long)cfg_get(tcp, tcp_cfg, rd_buf_size);

	return bytes + HEADROOM <= max;
}

int im_reply_fits(const im_trans_t *trans, long added)
{
	return fits(trans->size + added, trans->udp);
}

int im_request_fits(long bytes, int udp)
{
	return fits(bytes, udp);
}
