/*
 * im_sidecar: text of a request as a reply of ours needs it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_REPLY_TEXT_H
#define IM_REPLY_TEXT_H

#include "slice.h"

/* Where things stand in the text of a request, as offsets. */
typedef struct im_request_places
{
	int to_end;		  /* end of the To value, where a tag is appended */
	int record_route; /* start of the first Record-Route, else after Via 1 */
} im_request_places_t;

/* Copy of the request with the tag appended to To (unless the tag is empty) and
 * the Record-Route line inserted (unless it is empty); zero-terminated, to be
 * freed; NULL when out of memory or a place is outside. */
char *im_reply_text(im_slice_t request, const im_request_places_t *places,
		im_slice_t to_tag, im_slice_t record_route, int *len);

/* "Record-Route: <sip:HOST:PORT;transport=P;lr>" CRLF; the length, or -1 if it
 * does not fit. IPv6 literals come in brackets already. */
int im_record_route(char *out, int size, im_slice_t host, unsigned port,
		im_slice_t transport);

#endif
