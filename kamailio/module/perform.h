/*
 * im_sidecar: does what a sidecar asks for
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_PERFORM_H
#define IM_PERFORM_H

#include "node.h"

/* -1: its stream breaks the contract and is to start anew. */
int im_perform(im_node_t *sender, im_action_t *action);

#endif
