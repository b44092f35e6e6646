/*
 * im_sidecar: script function im_registered: contacts of a REGISTER
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registered.h"

#include <stdio.h>

#include "core/dprint.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_expires.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/ut.h"
#include "event.h"
#include "params.h"
#include "slot.h"

#define MAX_FEATURE_TAGS 64
#define DEFAULT_EXPIRES 3600

typedef struct register_view
{
	im_slice_t address_of_record;
	im_slice_t call_id;
	unsigned cseq;
	unsigned expires; /* for contacts that do not name their own */
} register_view_t;

/* RFC 3840 9: the base tags go without a plus sign. */
static int is_feature_tag(im_slice_t name)
{
	static const char *const base[] = {"actor", "application", "audio",
			"automata", "class", "control", "data", "description", "duplex",
			"events", "extensions", "isfocus", "language", "methods",
			"mobility", "priority", "schemes", "text", "type", "video", NULL};
	int i;

	if(name.len > 1 && name.s[0] == '+')
		return 1;
	for(i = 0; base[i]; i++)
		if(im_slice_caseeq(name, im_text(base[i])))
			return 1;
	return 0;
}

/* The whole parameter as it was written, quotes included. */
static im_slice_t whole(const param_t *p)
{
	const char *end = p->name.s + p->name.len;

	if(p->body.s && p->body.len > 0) {
		end = p->body.s + p->body.len;
		if(*end == '"' && p->body.s[-1] == '"')
			end++;
	}
	return im_slice(p->name.s, end - p->name.s);
}

/* The parser lists parameters from the last to the first. */
static int feature_tags(const contact_t *contact, im_slice_t *tags, int max)
{
	const param_t *p;
	im_slice_t other;
	int i, count = 0;

	for(p = contact->params; p && count < max; p = p->next)
		if(is_feature_tag(IM_SLICE(p->name)))
			tags[count++] = whole(p);
	for(i = 0; i < count / 2; i++) {
		other = tags[i];
		tags[i] = tags[count - 1 - i];
		tags[count - 1 - i] = other;
	}
	return count;
}

static int send_contact(
		const register_view_t *view, im_slice_t uri, const contact_t *contact)
{
	im_slice_t tags[MAX_FEATURE_TAGS];
	im_registration_t r = {0};
	im_event_t source = {0};

	r.address_of_record = view->address_of_record;
	r.contact = uri;
	r.feature_tags = tags;
	r.expires_seconds = view->expires;
	r.call_id = view->call_id;
	r.cseq = view->cseq;
	if(contact) {
		r.feature_tag_count = feature_tags(contact, tags, MAX_FEATURE_TAGS);
		if(contact->expires && contact->expires->body.len > 0
				&& str2int(&contact->expires->body, &r.expires_seconds) < 0)
			r.expires_seconds = view->expires;
	}
	if(im_encode_registration(&r, &source.payload) < 0)
		return -1;
	source.type = IM_EV_REGISTRATION;
	source.slot = im_slot_of_text(view->address_of_record);
	return im_event_send(&source);
}

/* The To URI without parameters. */
static int address_of_record(struct sip_msg *msg, char *out, int size)
{
	struct to_body *to = get_to(msg);
	struct sip_uri u;
	str scheme = {0, 0};
	int n;

	if(parse_uri(to->uri.s, to->uri.len, &u) < 0)
		return -1;
	uri_type_to_str(u.type, &scheme);
	if(u.type == TEL_URI_T || u.type == TELS_URI_T)
		n = snprintf(out, size, "%.*s:%.*s", scheme.len, scheme.s, u.user.len,
				u.user.s);
	else
		n = snprintf(out, size, "%.*s:%.*s%s%.*s", scheme.len, scheme.s,
				u.user.len, u.user.s, u.user.len ? "@" : "", u.host.len,
				u.host.s);
	return n < size ? n : -1;
}

static int view_register(
		struct sip_msg *msg, char *aor, int size, register_view_t *view)
{
	int len;

	if(msg->first_line.type != SIP_REQUEST || msg->REQ_METHOD != METHOD_REGISTER
			|| parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid
			|| !msg->cseq || parse_to_header(msg) < 0)
		return -1;
	len = address_of_record(msg, aor, size);
	if(len < 0 || str2int(&get_cseq(msg)->number, &view->cseq) < 0)
		return -1;
	view->address_of_record = im_slice(aor, len);
	view->call_id = IM_SLICE(msg->callid->body);
	view->expires = DEFAULT_EXPIRES;
	if(msg->expires && parse_expires(msg->expires) == 0
			&& ((exp_body_t *)msg->expires->parsed)->valid)
		view->expires = ((exp_body_t *)msg->expires->parsed)->val;
	return 0;
}

int im_registered(struct sip_msg *msg)
{
	register_view_t view;
	struct hdr_field *h;
	contact_body_t *body;
	contact_t *c;
	char aor[1024];
	int result = 1;

	if(view_register(msg, aor, sizeof(aor), &view) < 0) {
		LM_ERR("no REGISTER, or one that does not parse\n");
		return -1;
	}
	for(h = msg->contact; h; h = next_sibling_hdr(h)) {
		if(h->type != HDR_CONTACT_T || parse_contact(h) < 0)
			continue;
		body = (contact_body_t *)h->parsed;
		if(body->star && send_contact(&view, im_text("*"), NULL) < 0)
			result = -1;
		for(c = body->contacts; c; c = c->next)
			if(send_contact(&view, IM_SLICE(c->uri), c) < 0)
				result = -1;
	}
	return result;
}
