/*
 * msrp load: registers at a relay, RFC 4976 5.1
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef MSRP_AUTH_H
#define MSRP_AUTH_H

#include "frame.h"

/* An AUTH to the relay; with the challenge of a 401 it answers that. Its length. */
int auth_write(char *to, int room, const char *relay, const char *own,
		const slice_t *challenge);

#endif
