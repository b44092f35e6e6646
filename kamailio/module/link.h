/*
 * im_sidecar: the link process: between SIP workers and sidecar
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_LINK_H
#define IM_LINK_H

#include "frame.h"
#include "wire.h"

/* Never returns; runs in its own process. */
void im_link_run(void);

/* Numbers and keeps an event, and sends it if a sidecar is attached. */
/* The number of the event, 0: it is lost. */
uint64_t im_link_emit(int field, im_slice_t payload);
uint64_t im_link_emit_with(int field, im_slice_t payload, im_extra_t extra);

/* The number of the youngest event, 0: there was none. */
uint64_t im_link_latest(void);

/* An event that may be left out: only if there is room for requests too. */
void im_link_emit_spare(int field, im_slice_t payload);

/* A sidecar is attached now. */
int im_link_attached(void);

#endif
