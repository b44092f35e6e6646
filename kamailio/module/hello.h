/*
 * im_sidecar: what the link says first on every stream
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_HELLO_H
#define IM_HELLO_H

/* The framed LinkHello, to be freed; NULL when out of memory. */
char *im_hello_write(int *len);

#endif
