/*
 * load: numbers that others keep
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_COUNTS_H
#define LOAD_COUNTS_H

/* Asks the command of --counts, and again; what has grown in between. */
void counts_begin(void);
void counts_end(void);
void counts_report(void);

#endif
