/*
 * im_sidecar: the link process: between SIP workers and sidecars
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_LINK_H
#define IM_LINK_H

/* Never returns; runs in its own process. */
void im_link_run(void);

#endif
