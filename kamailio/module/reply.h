/*
 * im_sidecar: sends replies of ours on transactions that we hold
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_REPLY_H
#define IM_REPLY_H

#include "trans.h"

typedef struct im_reply
{
	unsigned code;
	im_slice_t reason;
	im_slice_t headers; /* as text, each line with its CRLF */
	im_slice_t body;
	int record_route;
} im_reply_t;

/* 0: sent; else the final code with which the transaction has ended. A 2xx to an
 * INVITE keeps the cell: the caller puts it on hold. */
unsigned im_reply_send(im_trans_t *trans, const im_reply_t *reply);

/* A final reply of the link itself, which ends the transaction. The code with
 * which it really ended. */
unsigned im_reply_local(im_trans_t *trans, unsigned code, const char *reason);

/* 503 with Retry-After; on a transaction that nobody remembers. */
void im_reply_away(unsigned index, unsigned label, im_slice_t to_tag);

#endif
