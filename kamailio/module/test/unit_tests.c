/*
 * im_sidecar: tests that run without Kamailio
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"

int unit_passed = 0, unit_failed = 0;

int main(void)
{
	test_frame();
	test_store();
	test_store_move();
	test_slot();
	test_guess();
	test_owners();
	test_table();
	test_timers();
	test_text();
	test_mark();
	test_trans();
	test_keys();
	test_window();
	test_tight_window();
	test_wire();
	printf("%d passed, %d failed, 0 skipped\n", unit_passed, unit_failed);
	return unit_failed ? 1 : 0;
}
