/*
 * im_sidecar: says on a request which half has run, so that a loop is found
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_PASSED_H
#define IM_PASSED_H

#include "core/parser/msg_parser.h"
#include "wire.h"

#define IM_PASSED_HEADER "P-Im-Passed"
#define IM_PASSED_MAX 128

/* The header line for what goes on to that URI; empty when no half has run. */
im_slice_t im_passed_line(struct sip_msg *msg, im_session_case_t half,
		im_slice_t uri, char *out, int size);

/* That half has run here, with the Request-URI that the request has. */
int im_passed_before(struct sip_msg *msg, im_session_case_t half);

/* Script function: no such header goes on, neither ours nor one received. */
int im_unmark(struct sip_msg *msg);

#endif
