/*
 * im_sidecar: answers to requests of ours, on their way to the link
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_ANSWERS_H
#define IM_ANSWERS_H

#include "im_tm.h"

/* Script callback before the reply route: every 2xx to an INVITE of ours. */
int im_on_reply(struct sip_msg *msg, unsigned flags, void *param);

/* tm callback for everything else; the parameter is the number of the key. */
void im_on_answer(struct cell *t, int type, struct tmcb_params *params);

#endif
