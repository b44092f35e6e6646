/*
 * load: the state of a conference as published to Kamailio's module presence
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "publication.h"

#include <stdio.h>

#include "options.h"
#include "stats.h"

void (*on_published)(conference_t *conference, int ok);

static text_t out, body;

static void published(exchange_t *e, const message_t *answer)
{
	conference_t *c = &conferences[e->conference];
	int ok = answer && answer->code < 300;

	counters.refused += answer && !ok;
	if(ok)
		copy_text(c->etag, sizeof(c->etag), sip_header(answer, "SIP-ETag"));
	on_published(c, ok);
}

static void publish(conference_t *c)
{
	static dialog_t d;
	static unsigned serial = 0;
	exchange_t *e = exchange_begin(c->index, 0, published);

	d.cseq = 1;
	snprintf(d.call_id, sizeof(d.call_id), "p%u.%x@load", ++serial, run_id);
	snprintf(d.local_tag, sizeof(d.local_tag), "p%u", serial);
	out.len = 0;
	add_head(&out, "PUBLISH", c->identity, e, &d);
	if(c->etag[0])
		text_add(&out, "SIP-If-Match: %s\r\n", c->etag);
	text_add(&out,
			"Event: conference\r\n"
			"Expires: 3600\r\n"
			"Content-Type: application/conference-info+xml\r\n"
			"Content-Length: %d\r\n\r\n%s",
			body.len, body.s);
	exchange_send(e, &out, 0);
}

static void begin_document(const conference_t *c, const char *state, int users)
{
	body.len = 0;
	text_add(&body,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" "
			"entity=\"%s\" state=\"%s\" version=\"0\">",
			c->identity, state);
	text_add(&body,
			"<conference-state><user-count>%d</user-count></conference-state>"
			"<users state=\"%s\">",
			users, state);
}

static void add_user(const conference_t *c, int m, const char *state,
		const char *status, const char *method)
{
	text_add(&body,
			"<user entity=\"sip:u%d.%d@example.com\" state=\"%s\">"
			"<endpoint entity=\"sip:u%d.%d@%s\">"
			"<status>%s</status>%s</endpoint></user>",
			c->index, m, state, c->index, m, options.from_text, status, method);
}

static void end_document(conference_t *c)
{
	text_add(&body, "</users></conference-info>");
	publish(c);
}

void publish_all(conference_t *c)
{
	int m;

	begin_document(c, "full", invited_count);
	for(m = 0; m < invited_count; m++)
		add_user(c, m, "full", "connected",
				"<joining-method>dialed-out</joining-method>");
	end_document(c);
}

void publish_left(conference_t *c, int m)
{
	begin_document(c, "partial", invited_count - m);
	add_user(c, m, "full", "disconnected",
			"<disconnection-method>departed</disconnection-method>");
	end_document(c);
}
