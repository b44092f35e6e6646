/*
 * im_sidecar: encoders of the contract, over protobuf
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "wire.h"

#include <memory>
#include <new>
#include <string>

#include "sip_gateway.pb.h"
#include "utf8.h"

namespace v1 = imsidecar::v1;

#define SAME_NUMBER(name, number) \
	static_assert((int)v1::name == (int)number, "the contract has changed")

SAME_NUMBER(SipEvent::kHelloFieldNumber, IM_FIELD_HELLO);
SAME_NUMBER(SipEvent::kRequestFieldNumber, IM_FIELD_REQUEST);
SAME_NUMBER(SipEvent::kCancelledFieldNumber, IM_FIELD_CANCELLED);
SAME_NUMBER(SipEvent::kAcknowledgedFieldNumber, IM_FIELD_ACKNOWLEDGED);
SAME_NUMBER(SipEvent::kAckTimeoutFieldNumber, IM_FIELD_ACK_TIMEOUT);
SAME_NUMBER(SipEvent::kReplySentFieldNumber, IM_FIELD_REPLY_SENT);
SAME_NUMBER(SipEvent::kTransactionEndedFieldNumber, IM_FIELD_TRANSACTION_ENDED);
SAME_NUMBER(SipEvent::kResponseFieldNumber, IM_FIELD_RESPONSE);
SAME_NUMBER(SipEvent::kRegistrationFieldNumber, IM_FIELD_REGISTRATION);
SAME_NUMBER(Response::kActionKeyFieldNumber, IM_RESPONSE_ACTION_KEY);
SAME_NUMBER(Acknowledged::kTransactionFieldNumber, IM_ACKNOWLEDGED_TRANSACTION);
SAME_NUMBER(Request::kStageFieldNumber, IM_REQUEST_STAGE);
SAME_NUMBER(Request::kRedirectsFieldNumber, IM_REQUEST_REDIRECTS);
SAME_NUMBER(SESSION_CASE_ORIGINATING, IM_CASE_ORIGINATING);
SAME_NUMBER(SESSION_CASE_TERMINATING, IM_CASE_TERMINATING);

namespace {

std::string bytes(im_slice_t v)
{
	return v.len > 0 ? std::string(v.s, v.len) : std::string();
}

std::string text(im_slice_t v)
{
	std::string result;
	if(im_utf8_valid(v))
		return bytes(v);
	for(int i = 0; i < v.len;) {
		int n = im_utf8_length(im_slice(v.s + i, v.len - i));
		if(n > 0)
			result.append(v.s + i, n);
		else
			result.append("\xEF\xBF\xBD");
		i += n > 0 ? n : 1;
	}
	return result;
}

im_slice_t slice(const std::string &s)
{
	return im_slice(s.data(), (int)s.size());
}

void put(const im_socket_t &from, v1::Socket *to)
{
	to->set_transport(text(from.transport));
	to->set_address(text(from.address));
	to->set_port(from.port);
	to->set_advertised_address(text(from.advertised_address));
	to->set_advertised_port(from.advertised_port);
}

void put(const im_dialog_ids_t &from, v1::DialogIds *to)
{
	to->set_call_id(text(from.call_id));
	to->set_from_tag(text(from.from_tag));
	to->set_to_tag(text(from.to_tag));
	to->set_cseq(from.cseq);
}

template <class Message>
void put_headers(const im_header_t *headers, int count, Message *to)
{
	for(int i = 0; i < count; i++) {
		auto *header = to->add_headers();
		im_slice_t name = headers[i].name, value = headers[i].value;
		if(im_utf8_valid(name))
			header->set_name(name.s, name.len);
		else
			header->set_name(text(name));
		if(value.len > 0)
			header->set_value(value.s, value.len);
	}
}

/* The payload of the last call; one thread of a process encodes. */
std::string encoded;
constexpr size_t kMuch = 1u << 20;

template <class Message, class Fill> int encode(im_slice_t *payload, Fill fill)
{
	try {
		/* with the room of the messages before it */
		static std::unique_ptr<Message> message;
		if(!message || encoded.size() > kMuch)
			message.reset(new Message);
		message->Clear();
		fill(*message);
		encoded.clear();
		if(!message->SerializeToString(&encoded))
			return -1;
		*payload = slice(encoded);
		if(encoded.capacity() > 4 * kMuch && encoded.size() < kMuch)
			encoded.shrink_to_fit();
		return 0;
	} catch(const std::bad_alloc &) {
		return -1;
	}
}

} // namespace

int im_encode_hello(const im_hello_t *hello, im_slice_t *payload)
{
	return encode<v1::LinkHello>(payload, [&](v1::LinkHello &m) {
		m.set_protocol_version(IM_PROTOCOL_VERSION);
		m.set_instance(text(hello->instance));
		m.set_boot_id(text(hello->boot_id));
		m.set_kamailio_version(text(hello->kamailio_version));
		m.set_module_version(text(hello->module_version));
		for(int i = 0; i < hello->socket_count; i++)
			put(hello->sockets[i], m.add_sockets());
		m.set_replays_up_to(hello->replays_up_to);
	});
}

int im_encode_request(const im_request_t *request, im_slice_t *payload)
{
	return encode<v1::Request>(payload, [&](v1::Request &m) {
		m.set_transaction(text(request->transaction));
		m.set_method(text(request->method));
		m.set_uri(text(request->uri));
		put_headers(request->headers, request->header_count, &m);
		m.set_body(bytes(request->body));
		put(request->received_on, m.mutable_received_on());
		m.set_source_address(text(request->source_address));
		m.set_source_port(request->source_port);
		m.set_to_tag(text(request->to_tag));
		m.set_trusted(request->trusted != 0);
		for(int i = 0; i < request->identity_count; i++)
			m.add_identities(text(request->identities[i]));
		m.set_session_case((v1::SessionCase)request->session_case);
	});
}

int im_encode_cancelled(im_slice_t transaction, im_slice_t *payload)
{
	return encode<v1::Cancelled>(payload,
			[&](v1::Cancelled &m) { m.set_transaction(text(transaction)); });
}

int im_encode_acknowledged(const im_dialog_ids_t *dialog,
		const im_header_t *headers, int header_count, im_slice_t body,
		im_slice_t *payload)
{
	return encode<v1::Acknowledged>(payload, [&](v1::Acknowledged &m) {
		put(*dialog, m.mutable_dialog());
		put_headers(headers, header_count, &m);
		m.set_body(bytes(body));
	});
}

int im_encode_ack_timeout(im_slice_t transaction, const im_dialog_ids_t *dialog,
		im_slice_t *payload)
{
	return encode<v1::AckTimeout>(payload, [&](v1::AckTimeout &m) {
		m.set_transaction(text(transaction));
		put(*dialog, m.mutable_dialog());
	});
}

/* ReplySent and TransactionEnded have the same fields. */
int im_encode_reply_result(im_slice_t transaction, unsigned ordinal,
		unsigned code, im_slice_t *payload)
{
	return encode<v1::ReplySent>(payload, [&](v1::ReplySent &m) {
		m.set_transaction(text(transaction));
		m.set_ordinal(ordinal);
		m.set_code(code);
	});
}

int im_encode_response(const im_response_t *response, im_slice_t *payload)
{
	return encode<v1::Response>(payload, [&](v1::Response &m) {
		m.set_action_key(text(response->action_key));
		m.set_code(response->code);
		m.set_reason(text(response->reason));
		put_headers(response->headers, response->header_count, &m);
		m.set_body(bytes(response->body));
		m.set_local(response->local != 0);
	});
}

int im_encode_registration(
		const im_registration_t *registration, im_slice_t *payload)
{
	return encode<v1::Registration>(payload, [&](v1::Registration &m) {
		m.set_address_of_record(text(registration->address_of_record));
		m.set_contact(text(registration->contact));
		for(int i = 0; i < registration->feature_tag_count; i++)
			m.add_feature_tags(text(registration->feature_tags[i]));
		m.set_expires_seconds(registration->expires_seconds);
		m.set_call_id(text(registration->call_id));
		m.set_cseq(registration->cseq);
	});
}
