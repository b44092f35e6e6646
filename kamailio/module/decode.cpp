/*
 * im_sidecar: decoder of the contract, over protobuf
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "wire.h"

#include <memory>
#include <new>
#include <string>
#include <vector>

#include "sip_gateway.pb.h"

namespace v1 = imsidecar::v1;

struct im_batch
{
	v1::SipActionBatch message;
	int next = 0;
	std::vector<im_header_t> headers; /* of the action handed out last */
	std::vector<im_slice_t> domains;
};

namespace {

im_slice_t slice(const std::string &s)
{
	return im_slice(s.data(), (int)s.size());
}

template <class Message>
void take_headers(const Message &m, im_batch_t *batch, im_action_t *a)
{
	batch->headers.clear();
	for(const auto &h : m.headers())
		batch->headers.push_back({slice(h.name()), slice(h.value())});
	a->headers = batch->headers.data();
	a->header_count = (int)batch->headers.size();
	a->body = slice(m.body());
}

void take(const v1::NodeHello &m, im_batch_t *batch, im_action_t *a)
{
	a->type = IM_ACT_HELLO;
	a->protocol_version = m.protocol_version();
	a->node = slice(m.node());
	a->server_version = slice(m.server_version());
	batch->domains.clear();
	for(const auto &d : m.domains())
		batch->domains.push_back(slice(d));
	a->domains = batch->domains.data();
	a->domain_count = (int)batch->domains.size();
}

void take(const v1::Reply &m, im_batch_t *batch, im_action_t *a)
{
	a->type = IM_ACT_REPLY;
	a->transaction = slice(m.transaction());
	a->ordinal = m.ordinal();
	a->code = m.code();
	a->reason = slice(m.reason());
	a->record_route = m.record_route();
	a->to_tag = slice(m.to_tag());
	take_headers(m, batch, a);
}

void take(const v1::Originate &m, im_batch_t *batch, im_action_t *a)
{
	a->type = IM_ACT_ORIGINATE;
	a->action_key = slice(m.action_key());
	a->method = slice(m.method());
	a->uri = slice(m.uri());
	a->next_hop = slice(m.next_hop());
	a->from = slice(m.from());
	a->from_tag = slice(m.from_tag());
	a->to = slice(m.to());
	a->to_tag = slice(m.to_tag());
	a->call_id = slice(m.call_id());
	a->cseq = m.cseq();
	a->done_mark = m.done_mark();
	a->timeout_ms = m.timeout_ms();
	take_headers(m, batch, a);
}

void take(const v1::Ack &m, im_batch_t *batch, im_action_t *a)
{
	a->type = IM_ACT_ACK;
	a->action_key = slice(m.action_key());
	a->invite_key = slice(m.invite_key());
	a->uri = slice(m.uri());
	a->next_hop = slice(m.next_hop());
	a->from = slice(m.from());
	a->from_tag = slice(m.from_tag());
	a->to = slice(m.to());
	a->to_tag = slice(m.to_tag());
	a->call_id = slice(m.call_id());
	a->cseq = m.cseq();
	take_headers(m, batch, a);
}

} // namespace

im_batch_t *im_batch_decode(im_slice_t input)
{
	try {
		std::unique_ptr<im_batch_t> batch(new im_batch_t);
		if(!batch->message.ParseFromArray(input.s, input.len))
			return nullptr;
		return batch.release();
	} catch(const std::bad_alloc &) {
		return nullptr;
	}
}

int im_batch_next(im_batch_t *batch, im_action_t *action)
{
	memset(action, 0, sizeof(*action));
	if(batch->next >= batch->message.actions_size())
		return 0;
	const v1::SipAction &m = batch->message.actions(batch->next++);
	try {
		switch(m.action_case()) {
			case v1::SipAction::kHello:
				take(m.hello(), batch, action);
				break;
			case v1::SipAction::kReply:
				take(m.reply(), batch, action);
				break;
			case v1::SipAction::kDecline:
				action->type = IM_ACT_DECLINE;
				action->transaction = slice(m.decline().transaction());
				break;
			case v1::SipAction::kOriginate:
				take(m.originate(), batch, action);
				break;
			case v1::SipAction::kCancel:
				action->type = IM_ACT_CANCEL;
				action->action_key = slice(m.cancel().action_key());
				action->invite_key = slice(m.cancel().invite_key());
				break;
			case v1::SipAction::kAck:
				take(m.ack(), batch, action);
				break;
			case v1::SipAction::kConfirm:
				action->type = IM_ACT_CONFIRM;
				action->sequence = m.confirm().sequence();
				break;
			case v1::SipAction::kPause:
				action->type = IM_ACT_PAUSE;
				action->pause_ms = m.pause().milliseconds();
				break;
			default:
				break;
		}
	} catch(const std::bad_alloc &) {
		action->type = IM_ACT_NONE;
	}
	return 1;
}

void im_batch_free(im_batch_t *batch)
{
	delete batch;
}
