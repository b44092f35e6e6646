/*
 * im_sidecar: comma-separated header values
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_LIST_H
#define IM_LIST_H

#include "slice.h"

/* Takes the next element off the rest, trimmed; 0 at the end. Commas in quotes
 * and angle brackets do not count. */
int im_list_next(im_slice_t *rest, im_slice_t *element);

im_slice_t im_trim(im_slice_t v);

#endif
