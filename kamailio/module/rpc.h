/*
 * im_sidecar: RPC commands
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_RPC_H
#define IM_RPC_H

#include "core/rpc.h"

extern rpc_export_t im_rpc_exports[];

#endif
