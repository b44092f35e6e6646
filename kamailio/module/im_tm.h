/*
 * im_sidecar: tm as this module uses it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_TM_H
#define IM_TM_H

#include "modules/tm/tm_load.h"

extern struct tm_binds im_tm;

#endif
