/*
 * im_sidecar: a request that goes on changed
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_RELAY_H
#define IM_RELAY_H

#include "core/parser/msg_parser.h"
#include "core/pvar.h"
#include "wire.h"

/* What is to change, in one block of shared memory. */
typedef struct im_relay im_relay_t;

/* NULL when all is well, else what is wrong. */
const char *im_relay_check(const im_action_t *action);

/* NULL when out of shared memory. */
im_relay_t *im_relay_new(const im_action_t *action);
void im_relay_free(im_relay_t *relay);

/* The route that this process runs next goes on with a request, changed like
 * this unless NULL. */
void im_relay_begin(const im_relay_t *relay);
void im_relay_end(void);

/* Before that route runs: the request as it is to be; 0 stops the route. */
int im_relay_apply(struct sip_msg *msg, unsigned flags, void *param);

/* $im_relay */
int im_relay_get(struct sip_msg *msg, pv_param_t *param, pv_value_t *result);

#endif
