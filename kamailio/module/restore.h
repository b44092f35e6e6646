/*
 * im_sidecar: INVITEs of an earlier boot, known again by our ACK for their 2xx
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_RESTORE_H
#define IM_RESTORE_H

#include "keys.h"

/* The dialog that the Ack names, with its INVITE; NULL when the Ack does not
 * name it fully or memory is out. */
im_fork_t *im_restore_fork(const im_action_t *ack, im_key_t **invite);

#endif
