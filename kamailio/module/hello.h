/*
 * im_sidecar: what the link says first on every stream
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_HELLO_H
#define IM_HELLO_H

#include <stdint.h>

/* The framed LinkHello, to be freed; NULL when out of memory. */
char *im_hello_write(uint64_t replays_up_to, int *len);

#endif
