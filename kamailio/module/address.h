/*
 * im_sidecar: addresses that the sidecar names
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_ADDRESS_H
#define IM_ADDRESS_H

#include "slice.h"

/* A URI that Kamailio parses. */
int im_is_uri(im_slice_t v);

/* A SIP URI whose host is an IP literal; *udp: it is reached over UDP. */
int im_is_next_hop(im_slice_t v, int *udp);

/* name-addr or addr-spec, without tag. */
int im_is_name_addr(im_slice_t v);

#endif
