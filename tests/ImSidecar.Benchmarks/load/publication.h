/*
 * load: the state of a conference as published to Kamailio's module presence
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_PUBLICATION_H
#define LOAD_PUBLICATION_H

#include "conference.h"

/* The answer to a PUBLISH; ok: it was a 2xx. */
extern void (*on_published)(conference_t *conference, int ok);

/* Publishes everybody, or instead of that only that one of them has left. */
void publish_all(conference_t *conference);
void publish_left(conference_t *conference, int member);

#endif
