/*
 * im_sidecar: requests of ours: Originate, Cancel, Ack and what comes back
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_ORIGINATE_H
#define IM_ORIGINATE_H

#include "event.h"

struct cell;
struct im_key;
struct tmcb_params;

int im_originate_init(void);

/* From the sidecar. */
void im_originate(const im_action_t *action);
void im_originate_cancel(const im_action_t *action);
void im_originate_ack(const im_action_t *action);

/* From the workers. */
void im_originate_response(const im_event_t *event);
void im_originate_accepted(const im_event_t *event);
void im_originate_read(const im_event_t *event);

/* tm's callbacks inside t_uac: the transaction is made, the request is sent. */
void im_originate_made(struct cell *t, int type, struct tmcb_params *params);
void im_originate_sent(void);

/* Counts an INVITE whose 2xx the workers are to bring, or takes it out. */
void im_originate_filter(struct im_key *key, int add);

void im_originate_sweep(int64_t now, int64_t since);
int im_originate_key_count(void);
int im_originate_waiting_count(void);

/* Workers should tell what they read of our requests. */
int im_originate_tight(void);

#endif
