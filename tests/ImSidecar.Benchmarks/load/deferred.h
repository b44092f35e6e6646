/*
 * load: messages for users who are away, and how they come to them
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_DEFERRED_H
#define LOAD_DEFERRED_H

#include "sip.h"

/* One message to a user who is away; the unit is done when it is answered. */
void deferred_leave(int user);
/* Before the run proper: as many as are to be left for him, each when the one before
 * is answered, or their order would be anybody's guess. */
void deferred_leave_all(int user);
extern void (*on_left_all)(int ok);

/* He registers; the unit is done when all that was left for him has come. */
void deferred_come(int user);

/* A request to one of them; 0: it is to nobody of them. */
int deferred_request(const message_t *request, const char *body, int len);

/* A text that has come, by MSRP or in a MESSAGE; what comes with the same mark again
 * is a retransmission. */
void deferred_came(int user, const char *text, int len, slice_t mark);

void deferred_init(void);

#endif
