/*
 * load: the MSRP of those who are brought their messages, RFC 4975
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_MSRP_H
#define LOAD_MSRP_H

/* Connects to the path of an offer; each SEND is confirmed and handed over. */
void msrp_connect(int user, const char *offer, int len);
void msrp_close(int user);

#endif
