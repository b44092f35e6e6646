/*
 * load: subscriptions to the state of a conference
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_SUBSCRIPTION_H
#define LOAD_SUBSCRIPTION_H

#include "conference.h"

/* Answer and NOTIFY have come; ok: the answer was a 2xx. */
extern void (*on_subscribed)(conference_t *conference, int member, int ok);
/* A NOTIFY that no SUBSCRIBE waits for. */
extern void (*on_news)(conference_t *conference, int member);

/* Begins a subscription, or ends the one there is. */
void subscription_change(conference_t *conference, int member);
void subscription_notify(const message_t *request);

#endif
