/*
 * load: users in a dialog, and the conferences they are in
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "conference.h"

#include <stdio.h>
#include <stdlib.h>

#include "net.h"
#include "options.h"
#include "stats.h"

conference_t *conferences = NULL;
int invited_count = 0;
int member_count = 0;
int first_watcher = 0, watcher_count = 0;
unsigned run_id = 0;

void (*on_established)(conference_t *conference);
void (*on_ended)(conference_t *conference);
void (*on_failed)(conference_t *conference);
void (*on_left)(conference_t *conference, int member);

static text_t out;

/* The factory makes it; in what is published each has an address of its own. */
static void name_conference(conference_t *c)
{
	if(options.presence)
		snprintf(c->identity, sizeof(c->identity), "sip:%s.%x.%d@%s",
				options.factory, run_id, c->index, options.domain);
	else
		snprintf(c->identity, sizeof(c->identity), "sip:%s@%s",
				options.factory, options.domain);
}

void conferences_init(void)
{
	int c;

	run_id = (unsigned)now_us();
	invited_count = options.invitees + 1;
	member_count = invited_count + options.watchers;
	first_watcher = options.watchers ? invited_count : 0;
	watcher_count = options.watchers ? options.watchers : member_count / 2;
	conferences = calloc(options.conferences, sizeof(*conferences));
	for(c = 0; conferences && c < options.conferences; c++) {
		conferences[c].index = c;
		conferences[c].members =
				calloc(member_count, sizeof(*conferences[c].members));
		name_conference(&conferences[c]);
		if(!conferences[c].members)
			break;
	}
	if(!conferences || c < options.conferences) {
		fputs("load: out of memory\n", stderr);
		exit(70);
	}
}

void copy_text(char *to, int room, slice_t from)
{
	snprintf(to, room, "%.*s", from.len, from.s);
}

conference_t *conference_of(slice_t uri, int *member)
{
	int c;

	if(sscanf(uri.s, "sip:u%d.%d@", &c, member) != 2 || c < 0
			|| c >= options.conferences || *member < 0
			|| *member >= member_count)
		return NULL;
	return &conferences[c];
}

void add_head(text_t *text, const char *method, const char *uri,
		const exchange_t *e, const dialog_t *d)
{
	char branch[40];

	exchange_branch(e, branch);
	text_add(text,
			"%s %s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s;branch=%s\r\n"
			"Max-Forwards: 70\r\n"
			"%s"
			"From: <sip:u%d.%d@example.com>;tag=%s\r\n",
			method, uri, options.from_text, branch, d->route, e->conference,
			e->member, d->local_tag);
	/* an initial request is to whom its Request-URI names */
	text_add(text, "To: <%s>%s%s\r\n",
			d->remote_tag[0] ? conferences[e->conference].identity : uri,
			d->remote_tag[0] ? ";tag=" : "", d->remote_tag);
	text_add(text,
			"Call-ID: %s\r\n"
			"CSeq: %u %s\r\n"
			"Contact: <sip:u%d.%d@%s>\r\n"
			"P-Asserted-Identity: <sip:u%d.%d@example.com>\r\n",
			d->call_id, d->cseq, method, e->conference, e->member,
			options.from_text, e->conference, e->member);
}

static int add_description(char *to, int room, const conference_t *c, int m)
{
	return snprintf(to, room,
			"v=0\r\n"
			"o=- 1 1 IN IP4 127.0.0.1\r\n"
			"s=-\r\n"
			"c=IN IP4 127.0.0.1\r\n"
			"t=0 0\r\n"
			"m=message 9 TCP/MSRP *\r\n"
			"a=accept-types:message/cpim\r\n"
			"a=accept-wrapped-types:text/plain\r\n"
			"a=setup:active\r\n"
			"a=path:msrp://127.0.0.1:9/u%dm%ds%u;tcp\r\n",
			c->index, m, c->serial);
}

/* Routes to follow: as recorded for who was asked, backwards for who asked. */
static void keep_route(dialog_t *d, const message_t *m, int backwards)
{
	int i, at = 0;
	const header_t *h;

	d->route[0] = '\0';
	for(i = 0; i < m->header_count; i++) {
		h = &m->headers[backwards ? m->header_count - 1 - i : i];
		if(is(h->name, "Record-Route")
				&& at + h->value.len + 16 < (int)sizeof(d->route))
			at += sprintf(
					d->route + at, "Route: %.*s\r\n", h->value.len, h->value.s);
	}
}

void dialog_accepted(dialog_t *d, const message_t *answer)
{
	slice_t contact = sip_uri(sip_header(answer, "Contact"));

	copy_text(d->remote_tag, sizeof(d->remote_tag),
			sip_tag(sip_header(answer, "To")));
	if(contact.len)
		copy_text(d->target, sizeof(d->target), contact);
	keep_route(d, answer, 1);
}

static void send_ack(const conference_t *c)
{
	exchange_t none = {.conference = c->index, .index = 0x10000000 + c->index,
			.serial = c->serial};

	out.len = 0;
	add_head(&out, "ACK", c->members[0].leg.target, &none, &c->members[0].leg);
	text_add(&out, "Content-Length: 0\r\n\r\n");
	net_send(out.s, out.len);
}

static void check_established(conference_t *c)
{
	if(c->answered && c->in == (options.alone ? 1 : invited_count))
		on_established(c);
}

static void invite_done(exchange_t *e, const message_t *answer)
{
	conference_t *c = &conferences[e->conference];
	dialog_t *d = &c->members[0].leg;

	if(!answer || answer->code >= 300) {
		counters.refused += answer != NULL;
		on_failed(c);
		return;
	}
	dialog_accepted(d, answer);
	if(sip_header(answer, "Contact").len)
		copy_text(c->identity, sizeof(c->identity), (slice_t){d->target,
															strlen(d->target)});
	send_ack(c);
	c->answered = 1;
	c->members[0].in = 1;
	c->in++;
	check_established(c);
}

void conference_accepted_again(const message_t *answer)
{
	slice_t id = sip_header(answer, "Call-ID");
	int c;

	if(sscanf(id.s, "i%d.", &c) != 1 || c < 0 || c >= options.conferences
			|| !is(id, conferences[c].members[0].leg.call_id))
		return;
	counters.copies++;
	send_ack(&conferences[c]);
}

static void add_list(text_t *body, const conference_t *c)
{
	int m;

	text_add(body,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
			"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\" "
			"xmlns:cp=\"urn:ietf:params:xml:ns:copycontrol\"><list>\r\n");
	for(m = 1; m < invited_count; m++)
		text_add(body,
				"<entry uri=\"sip:u%d.%d@example.com\" "
				"cp:copyControl=\"to\"/>\r\n",
				c->index, m);
	text_add(body, "</list></resource-lists>\r\n");
}

void conference_start(conference_t *c)
{
	exchange_t *e = exchange_begin(c->index, 0, invite_done);
	member_t *inviter = &c->members[0];
	char description[1024];
	static text_t body;
	int m;

	c->serial++;
	c->answered = c->in = 0;
	for(m = 0; m < member_count; m++)
		memset(&c->members[m], 0, sizeof(c->members[m]));
	name_conference(c);
	snprintf(inviter->leg.target, sizeof(inviter->leg.target), "%s",
			c->identity);
	snprintf(inviter->leg.call_id, sizeof(inviter->leg.call_id),
			"i%d.%u.%x@load", c->index, c->serial, run_id);
	snprintf(inviter->leg.local_tag, sizeof(inviter->leg.local_tag), "i%u",
			c->serial);
	inviter->leg.cseq = 1;
	add_description(description, sizeof(description), c, 0);
	body.len = 0;
	text_add(&body,
			"--part\r\nContent-Type: application/sdp\r\n\r\n%s\r\n"
			"--part\r\nContent-Type: application/resource-lists+xml\r\n"
			"Content-Disposition: recipient-list\r\n\r\n",
			description);
	add_list(&body, c);
	text_add(&body, "\r\n--part--\r\n");
	out.len = 0;
	add_head(&out, "INVITE", c->identity, e, &inviter->leg);
	text_add(&out,
			"Accept-Contact: *;+g.oma.sip-im;require;explicit\r\n"
			"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY\r\n"
			"Require: recipient-list-invite\r\n"
			"Content-Type: multipart/mixed;boundary=part\r\n"
			"Content-Length: %d\r\n\r\n",
			body.len);
	text_add(&out, "%.*s", body.len, body.s);
	c->begun = now_us();
	exchange_send(e, &out, 1);
}

static void is_out(conference_t *c, int m)
{
	if(!c->members[m].in)
		return;
	c->members[m].in = 0;
	c->in--;
	if(c->in == 0)
		on_ended(c);
}

static void bye_done(exchange_t *e, const message_t *answer)
{
	conference_t *c = &conferences[e->conference];

	if(!answer || answer->code >= 300) {
		counters.refused += answer != NULL;
		on_failed(c);
		return;
	}
	if(c->in > 1 && on_left)
		on_left(c, e->member);
	is_out(c, e->member);
}

void conference_leave(conference_t *c, int m)
{
	exchange_t *e = exchange_begin(c->index, m, bye_done);
	dialog_t *d = &c->members[m].leg;

	d->cseq++;
	out.len = 0;
	add_head(&out, "BYE", d->target, e, d);
	text_add(&out, "Content-Length: 0\r\n\r\n");
	exchange_send(e, &out, 0);
}

static void take_invite(conference_t *c, int m, const message_t *request)
{
	dialog_t *d = &c->members[m].leg;
	char contact[256], description[1024];

	if(is(sip_header(request, "Call-ID"), d->call_id)) {
		counters.copies++;
	} else {
		counters.requests++;
		copy_text(d->call_id, sizeof(d->call_id),
				sip_header(request, "Call-ID"));
		copy_text(d->remote_tag, sizeof(d->remote_tag),
				sip_tag(sip_header(request, "From")));
		copy_text(d->target, sizeof(d->target),
				sip_uri(sip_header(request, "Contact")));
		snprintf(d->local_tag, sizeof(d->local_tag), "m%d.%u", m, c->serial);
		keep_route(d, request, 0);
		d->cseq = 0;
	}
	snprintf(contact, sizeof(contact),
			"Contact: <sip:u%d.%d@%s>\r\nContent-Type: application/sdp\r\n",
			c->index, m, options.from_text);
	add_description(description, sizeof(description), c, m);
	sip_response(&out, request, "200 OK", d->local_tag, contact, description);
	net_send(out.s, out.len);
}

static void take_ack(conference_t *c, int m)
{
	if(c->members[m].in)
		return;
	c->members[m].in = 1;
	c->in++;
	check_established(c);
}

static void take_bye(conference_t *c, int m, const message_t *request, int mine)
{
	sip_response(&out, request, "200 OK", NULL, NULL, NULL);
	net_send(out.s, out.len);
	if(mine && c->members[m].in)
		counters.requests++;
	else
		counters.copies++;
	if(mine)
		is_out(c, m);
}

void conference_request(const message_t *request)
{
	int m, mine;
	conference_t *c = conference_of(request->uri, &m);

	if(!c)
		return;
	mine = is(sip_header(request, "Call-ID"), c->members[m].leg.call_id);
	if(is(request->method, "INVITE"))
		take_invite(c, m, request);
	else if(is(request->method, "ACK") && mine)
		take_ack(c, m);
	else if(is(request->method, "BYE"))
		take_bye(c, m, request, mine);
}
