/*
 * im_sidecar: a SIP message as the contract shows it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SIP_VIEW_H
#define IM_SIP_VIEW_H

#include "core/parser/msg_parser.h"
#include "wire.h"

typedef struct im_sip_view
{
	im_header_t *headers; /* valid until the next view in this process */
	int header_count;
	im_slice_t body;
	im_dialog_ids_t dialog;
} im_sip_view_t;

typedef int (*im_keep_header_f)(const struct hdr_field *header);

#define IM_VIEW_TOO_LARGE (-2)

/* Parses all of the message; keep may be NULL. -1 when it does not parse,
 * IM_VIEW_TOO_LARGE when it is larger than the parameters allow. */
int im_sip_view(
		struct sip_msg *msg, im_keep_header_f keep, im_sip_view_t *view);

void im_socket_view(const struct socket_info *from, im_socket_t *to);

#endif
