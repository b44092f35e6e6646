/*
 * load: subscriptions to the state of a conference
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "subscription.h"

#include <stdio.h>

#include "net.h"
#include "options.h"
#include "stats.h"

void (*on_subscribed)(conference_t *conference, int member, int ok);
void (*on_news)(conference_t *conference, int member);

/* What a SUBSCRIBE still waits for: bits in member_t.watching. */
enum
{
	WATCHING = 1,
	ANSWER = 2,
	NOTIFY = 4
};

static text_t out;

static void came(conference_t *c, int m, int what)
{
	member_t *member = &c->members[m];

	member->watching &= ~what;
	if(!(member->watching & (ANSWER | NOTIFY)))
		on_subscribed(c, m, 1);
}

static void subscribe_done(exchange_t *e, const message_t *answer)
{
	conference_t *c = &conferences[e->conference];
	member_t *member = &c->members[e->member];

	if(!answer || answer->code >= 300) {
		counters.refused += answer != NULL;
		member->watching = 0;
		on_subscribed(c, e->member, 0);
		return;
	}
	dialog_accepted(&member->watch, answer);
	came(c, e->member, ANSWER);
}

void subscription_change(conference_t *c, int m)
{
	exchange_t *e = exchange_begin(c->index, m, subscribe_done);
	member_t *member = &c->members[m];
	dialog_t *d = &member->watch;
	int begins = !(member->watching & WATCHING);

	if(begins) {
		member->watches++;
		snprintf(d->call_id, sizeof(d->call_id), "s%d.%d.%u.%x@load", c->index,
				m, member->watches, run_id);
		snprintf(d->local_tag, sizeof(d->local_tag), "s%u", member->watches);
		snprintf(d->target, sizeof(d->target), "%s", c->identity);
		d->remote_tag[0] = d->route[0] = '\0';
		d->cseq = 0;
		member->notify_cseq = 0;
	}
	d->cseq++;
	member->watching = (begins ? WATCHING : 0) | ANSWER
					   | (options.alone ? 0 : NOTIFY);
	out.len = 0;
	add_head(&out, "SUBSCRIBE", d->target, e, d);
	text_add(&out,
			"Event: conference\r\n"
			"Accept: application/conference-info+xml\r\n"
			"Accept-Contact: *;+g.oma.sip-im\r\n"
			"Expires: %d\r\n"
			"Content-Length: 0\r\n\r\n",
			begins ? 3600 : 0);
	member->watch_begun = now_us();
	exchange_send(e, &out, 0);
}

void subscription_notify(const message_t *request)
{
	int m;
	conference_t *c = conference_of(request->uri, &m);
	member_t *member = c ? &c->members[m] : NULL;

	sip_response(&out, request, "200 OK", NULL, NULL, NULL);
	net_send(out.s, out.len);
	if(!c || !is(sip_header(request, "Call-ID"), member->watch.call_id)
			|| sip_cseq(request) <= member->notify_cseq) {
		counters.copies++;
		return;
	}
	member->notify_cseq = sip_cseq(request);
	counters.requests++;
	counters.notifies++;
	counters.bodies += sip_length(request);
	if(!(member->watching & NOTIFY)) {
		if(on_news)
			on_news(c, m);
		return;
	}
	histogram_add(&waves, now_us() - member->watch_begun);
	came(c, m, NOTIFY);
}
