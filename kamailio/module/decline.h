/*
 * im_sidecar: hands a request back to the route
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_DECLINE_H
#define IM_DECLINE_H

#include "trans.h"

/* In mod_init: finds the route. */
void im_decline_init(void);

/* The route goes on, in an async worker if Kamailio has any; 0 or -1. */
int im_decline(const im_trans_t *trans);

#endif
