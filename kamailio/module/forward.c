/*
 * im_sidecar: script function im_forward: suspends a request and hands it up
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "forward.h"

#include "core/dprint.h"
#include "core/globals.h"
#include "core/ip_addr.h"
#include "core/mem/shm_mem.h"
#include "core/parser/hf.h"
#include "core/parser/parse_to.h"
#include "core/socket_info.h"
#include "event.h"
#include "guess.h"
#include "im_tm.h"
#include "list.h"
#include "mark_route.h"
#include "params.h"
#include "passed.h"
#include "shared.h"
#include "sip_view.h"
#include "timers.h"
#include "tm_calls.h"

#define MAX_IDENTITIES 8
#define SPARE_SHARE \
	4 /* of the shared memory: a set-up that was taken on needs more cells */

enum forward_result
{
	TAKEN = 0,
	AWAY = -1,
	FAILED = -2,
	TOO_LARGE = -3,
	LOOP = -4
};

static int is_named(const struct hdr_field *header, const char *name)
{
	return im_slice_caseeq(IM_SLICE(header->name), im_text(name));
}

/* Credentials were for Kamailio: the sidecar has no use for them. */
static int is_no_credential(const struct hdr_field *header)
{
	return !is_named(header, "Authorization")
		   && !is_named(header, "Proxy-Authorization");
}

/* What a handset asserts about itself is not handed up either. */
static int is_no_assertion(const struct hdr_field *header)
{
	static const char *const assertions[] = {"P-Asserted-Identity",
			"P-Preferred-Identity", "P-Served-User", "Remote-Party-ID", NULL};
	int i;

	for(i = 0; assertions[i]; i++)
		if(is_named(header, assertions[i]))
			return 0;
	return is_no_credential(header);
}

static int asserted_identities(
		const im_sip_view_t *view, im_slice_t *identities, int max)
{
	int i, count = 0;

	for(i = 0; i < view->header_count; i++) {
		im_slice_t rest = view->headers[i].value;
		if(!im_slice_caseeq(
				   view->headers[i].name, im_text("P-Asserted-Identity")))
			continue;
		while(count < max && im_list_next(&rest, &identities[count]))
			count++;
	}
	return count;
}

static int encode(struct sip_msg *msg, struct cell *t, int trusted,
		str *identity, im_event_t *event)
{
	im_slice_t identities[MAX_IDENTITIES];
	char transaction[IM_TRANSACTION_LEN];
	im_sip_view_t view;
	im_request_t r;
	int result;
	str tag;

	result = im_sip_view(
			msg, trusted ? is_no_credential : is_no_assertion, &view);
	if(result < 0)
		return result == IM_VIEW_TOO_LARGE ? TOO_LARGE : FAILED;
	memset(&r, 0, sizeof(r));
	im_transaction_write(transaction, t->hash_index, t->label);
	r.transaction = im_text(transaction);
	r.method = IM_SLICE(msg->first_line.u.request.method);
	r.uri = IM_SLICE(*GET_RURI(msg));
	r.headers = view.headers;
	r.header_count = view.header_count;
	r.body = view.body;
	im_socket_view(msg->rcv.bind_address, &r.received_on);
	r.source_address = im_text(ip_addr2a(&msg->rcv.src_ip));
	r.source_port = msg->rcv.src_port;
	r.to_tag = view.dialog.to_tag;
	if(!r.to_tag.len && im_tm.t_get_reply_totag(msg, &tag) > 0)
		r.to_tag = IM_SLICE(tag);
	r.trusted = trusted;
	r.identities = identities;
	if(trusted) {
		r.identity_count =
				asserted_identities(&view, identities, MAX_IDENTITIES);
		r.session_case = im_mark_session_case(msg);
	} else if(identity && identity->len > 0) {
		identities[0] = IM_SLICE(*identity);
		r.identity_count = 1;
	}
	event->type = IM_EV_REQUEST;
	event->invite = msg->REQ_METHOD == METHOD_INVITE;
	event->udp = msg->rcv.proto == PROTO_UDP;
	event->size = msg->len;
	event->index = t->hash_index;
	event->label = t->label;
	event->fr_timeout = t->fr_timeout;
	event->fr_inv_timeout = t->fr_inv_timeout;
	event->dialog = view.dialog;
	event->dialog.to_tag = r.to_tag;
	event->in_dialog = view.dialog.to_tag.len > 0;
	event->slot_known =
			im_slot_of_request(r.uri, view.dialog.call_id, &event->slot);
	if(!event->slot_known && !event->in_dialog)
		event->guess = im_guess_key(&r);
	if(event->invite)
		event->uri = r.uri;
	if(msg->via1->branch)
		event->branch = IM_SLICE(msg->via1->branch->value);
	return im_encode_request(&r, &event->payload) < 0 ? FAILED : TAKEN;
}

/* The transaction of this request, made if need be; *absorbed for a copy. */
static struct cell *transaction(struct sip_msg *msg, int *absorbed)
{
	struct cell *t = im_tm.t_gett();
	int result;

	*absorbed = 0;
	if(t && t != T_UNDEFINED)
		return t;
	result = im_tm.t_newtran(msg);
	if(result <= 0) {
		*absorbed = result == 0;
		return NULL;
	}
	t = im_tm.t_gett();
	return t == T_UNDEFINED ? NULL : t;
}

/* The CANCEL was faster than we. */
static int already_cancelled(struct sip_msg *msg, struct cell *t)
{
	if(t->uas.status < 200)
		im_tm.t_reply(msg, 487, "Request Terminated");
	return TAKEN;
}

static int suspend(struct sip_msg *msg, struct cell *t, im_event_t *event)
{
	unsigned index, label;
	int ms, result;

	ms = event->invite ? im_params.invite_timeout : im_params.request_timeout;
	/* the branch that waits uses the second timer even for INVITE */
	if(im_tm.set_fr(msg, ms, ms) < 0 || im_tm_calls_register(msg, t) < 0)
		return FAILED;
	result = im_tm.t_suspend(msg, &index, &label);
	if(result == 1)
		return already_cancelled(msg, t);
	if(t->uas.status >= 200)
		return TAKEN;
	if(result < 0) {
		LM_ERR("t_suspend failed\n");
		return FAILED;
	}
	return 1;
}

/* Outside a dialog. */
static int is_new(struct sip_msg *msg)
{
	return parse_headers(msg, HDR_TO_F, 0) < 0 || !msg->to
		   || get_to(msg)->tag_value.len == 0;
}

/* The sidecar that would get it; NULL: none is attached. */
static const im_node_view_t *taker(struct sip_msg *msg)
{
	im_slice_t call_id = {"", 0};
	int slot;

	if(parse_headers(msg, HDR_CALLID_F, 0) == 0 && msg->callid)
		call_id = IM_SLICE(msg->callid->body);
	im_slot_of_request(IM_SLICE(*GET_RURI(msg)), call_id, &slot);
	return im_shared_node_for(slot);
}

/* The sidecar has enough to do, or what is under way may need the memory. */
static int may_be_new(const im_node_view_t *node)
{
	return node->paused_until <= im_now()
		   && shm_available() > shm_mem_size / SPARE_SHARE;
}

int im_forward(struct sip_msg *msg, int trusted, str *identity)
{
	im_event_t source = {0};
	const im_node_view_t *node;
	im_event_t *event;
	struct cell *t;
	int absorbed, result;

	if(msg->first_line.type != SIP_REQUEST || msg->REQ_METHOD == METHOD_ACK
			|| msg->REQ_METHOD == METHOD_CANCEL)
		return FAILED;
	if(trusted && is_new(msg)
			&& im_passed_before(msg, im_mark_session_case(msg)))
		return LOOP;
	node = im_is_up() ? taker(msg) : NULL;
	if(!node)
		return AWAY;
	if(atomic_get((atomic_t *)&node->full) || !im_pipe_has_room_for_request()
			|| (is_new(msg) && !may_be_new(node))) {
		atomic_inc(&im_shared->refused);
		return AWAY;
	}
	t = transaction(msg, &absorbed);
	if(!t)
		return absorbed ? TAKEN : FAILED;
	result = encode(msg, t, trusted, identity, &source);
	if(result != TAKEN) {
		LM_WARN("request cannot be handed up\n");
		return result;
	}
	event = im_event_new(&source);
	if(!event)
		return FAILED;
	result = suspend(msg, t, event);
	if(result != 1) {
		im_event_free(event);
		return result;
	}
	if(im_pipe_push(event) == 0)
		return TAKEN;
	im_tm.t_cancel_suspend(source.index, source.label);
	im_event_free(event);
	return AWAY;
}
