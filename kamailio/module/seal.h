/*
 * im_sidecar: pseudo-variable $im_seal, by which a Record-Route of ours is known when it comes back
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_SEAL_H
#define IM_SEAL_H

#include "core/pvar.h"

extern pv_export_t im_pv_exports[];

#endif
