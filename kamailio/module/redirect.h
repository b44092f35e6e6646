/*
 * im_sidecar: events that are another sidecar's
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_REDIRECT_H
#define IM_REDIRECT_H

#include "node.h"

/* One that names itself, or nothing that is known, is ignored. What is for a
 * sidecar that is away waits until that is back or has been replaced. */
void im_redirect(im_node_t *sender, const im_action_t *redirect);

/* Now and then: looks again for whom something waits. */
void im_redirect_sweep(int64_t now);

#endif
