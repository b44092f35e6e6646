/*
 * im_sidecar: hands a request back to the route
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_DECLINE_H
#define IM_DECLINE_H

#include "relay.h"
#include "trans.h"

/* In mod_init: finds the route. */
void im_decline_init(void);

/* The route goes on, in an async worker if Kamailio has any; 0 or -1. With the
 * changes of relay, unless it is NULL; they are freed in any case. */
int im_decline(const im_trans_t *trans, im_relay_t *relay);

#endif
