/*
 * im_sidecar: a very small test runner
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_UNIT_H
#define IM_UNIT_H

#include <stdio.h>
#include <string.h>

extern int unit_passed, unit_failed;

#define CHECK(condition)                                             \
	do {                                                             \
		if(condition) {                                              \
			unit_passed++;                                           \
		} else {                                                     \
			unit_failed++;                                           \
			printf("FAIL %s:%d %s: %s\n", __FILE__, __LINE__,        \
					__func__, #condition);                           \
		}                                                            \
	} while(0)

void test_frame(void);
void test_store(void);
void test_store_move(void);
void test_slot(void);
void test_guess(void);
void test_owners(void);
void test_table(void);
void test_timers(void);
void test_text(void);
void test_mark(void);
void test_trans(void);
void test_keys(void);
void test_window(void);
void test_tight_window(void);
void test_wire(void);

#endif
