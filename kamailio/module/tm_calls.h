/*
 * im_sidecar: tm's callbacks for requests that we hold
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_TM_CALLS_H
#define IM_TM_CALLS_H

#include "core/parser/msg_parser.h"
#include "im_tm.h"

/* CANCEL and ACK of this transaction go to the link; 0 or -1. */
int im_tm_calls_register(struct sip_msg *msg, struct cell *t);

/* Script function: an ACK that matched no transaction. */
int im_ack(struct sip_msg *msg);

#endif
