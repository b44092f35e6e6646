/*
 * im_sidecar: script function im_registered: contacts of a REGISTER
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_REGISTERED_H
#define IM_REGISTERED_H

#include "core/parser/msg_parser.h"

/* After save(): one Registration for each contact. 1, or -1. */
int im_registered(struct sip_msg *msg);

#endif
