/*
 * load: what is measured
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_MODES_H
#define LOAD_MODES_H

#include "sip.h"

/* A unit is what is counted: one SUBSCRIBE with its NOTIFY, one conference from
 * INVITE to the last BYE, one wave of NOTIFYs. Units run in slots, one after the
 * other in each. */
typedef struct mode
{
	const char *name;
	int (*slots)(void);
	void (*start)(int slot);
	/* Before the units, if not Kamailio is alone. */
	int opens;		/* all conferences */
	int subscribes; /* half of their members */
	int leaves;		/* messages for users who are away */
} load_mode_t;

const load_mode_t *mode_find(const char *name);

/* A mode tells the run. */
void unit_done(int slot, int ok);
/* The slot has nothing left to do. */
void slot_spent(int slot);

#endif
