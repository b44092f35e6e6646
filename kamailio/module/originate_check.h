/*
 * im_sidecar: may this Originate go out?
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_ORIGINATE_CHECK_H
#define IM_ORIGINATE_CHECK_H

#include "keys.h"

typedef struct im_originate_verdict
{
	unsigned code; /* 0: yes; else of the local response */
	const char *wrong;
	int keepable; /* the names may be remembered */
	int udp;
	long bytes;
} im_originate_verdict_t;

void im_originate_check(
		const im_action_t *action, im_originate_verdict_t *verdict);

/* About how many bytes its request has. */
long im_action_size(const im_action_t *action);

/* Header text (with the mark on top if asked for) and body; -1: no memory. */
int im_originate_content(im_key_t *key, const im_action_t *action);

/* Method, Request-URI, From, To, Call-ID, CSeq; NULL when all is well. */
const char *im_names_check(const im_action_t *originate);

/* NULL, or what is wrong with an Ack. */
const char *im_ack_check(const im_action_t *action);

#endif
