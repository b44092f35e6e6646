/*
 * im_sidecar: tests of encoders and decoder
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string>

#include "sip_gateway.pb.h"
#include "wire.h"

extern "C"
{
#include "frame.h"
#include "unit.h"
}

namespace v1 = imsidecar::v1;

/* The event as the sidecar reads it. */
static v1::SipEvent framed(
		uint64_t sequence, int field, im_slice_t payload, im_extra_t extra)
{
	std::string bytes(im_frame_size(sequence, field, payload, extra), 'x');
	im_frame_write(&bytes[0], sequence, field, payload, extra);
	v1::SipEventBatch batch;
	CHECK(batch.ParseFromString(bytes) && batch.events_size() == 1);
	return batch.events_size() ? batch.events(0) : v1::SipEvent();
}

static void test_request()
{
	im_header_t headers[] = {
			{im_text("Subject"), im_slice("a\xff", 2)}, {im_text("X"), {}}};
	im_slice_t identities[] = {im_text("<sip:a@b>"), im_text("tel:+1")};
	im_request_t r = {};
	im_slice_t payload;
	r.transaction = im_text("b-1-2");
	r.method = im_text("INVITE");
	r.uri = im_slice("sip:\xff@b", 7);
	r.headers = headers;
	r.header_count = 2;
	r.body = im_slice("\0\xff", 2);
	r.received_on.transport = im_text("tcp");
	r.received_on.port = 5060;
	r.trusted = 1;
	r.identities = identities;
	r.identity_count = 2;
	r.session_case = IM_CASE_TERMINATING;
	CHECK(im_encode_request(&r, &payload) == 0);
	auto e = framed(1ull << 40, IM_FIELD_REQUEST, payload, {});
	CHECK(e.sequence() == 1ull << 40 && e.has_request());
	const auto &m = e.request();
	CHECK(m.transaction() == "b-1-2" && m.method() == "INVITE");
	/* what is not UTF-8 is replaced in text and kept in bytes */
	CHECK(m.uri() == "sip:\xEF\xBF\xBD@b");
	CHECK(m.headers_size() == 2 && m.headers(0).value() == "a\xff");
	CHECK(m.body() == std::string("\0\xff", 2));
	CHECK(m.received_on().port() == 5060 && m.trusted());
	CHECK(m.identities_size() == 2 && m.identities(1) == "tel:+1");
	CHECK(m.session_case() == v1::SESSION_CASE_TERMINATING);
}

static void test_results()
{
	im_dialog_ids_t d = {im_text("c"), im_text("f"), im_text("t"), 9};
	im_header_t h = {im_text("A"), im_text("b")};
	im_slice_t payload;
	CHECK(im_encode_reply_result(im_text("t"), 2, 487, &payload) == 0);
	auto ended = framed(5, IM_FIELD_TRANSACTION_ENDED, payload, {});
	CHECK(ended.transaction_ended().code() == 487
			&& ended.transaction_ended().ordinal() == 2);
	CHECK(framed(5, IM_FIELD_REPLY_SENT, payload, {}).reply_sent().transaction()
			== "t");
	CHECK(im_encode_acknowledged(&d, &h, 1, im_text("body"), &payload) == 0);
	im_extra_t transaction = {IM_ACKNOWLEDGED_TRANSACTION, im_text("tr")};
	auto acked = framed(6, IM_FIELD_ACKNOWLEDGED, payload, transaction);
	CHECK(acked.acknowledged().transaction() == "tr"
			&& acked.acknowledged().dialog().cseq() == 9
			&& acked.acknowledged().body() == "body");
	CHECK(im_encode_ack_timeout(im_text("tr"), &d, &payload) == 0);
	CHECK(framed(7, IM_FIELD_ACK_TIMEOUT, payload, {})
					.ack_timeout()
					.dialog()
					.to_tag()
			== "t");
	im_response_t r = {};
	r.code = 408;
	r.local = 1;
	CHECK(im_encode_response(&r, &payload) == 0);
	im_extra_t key = {IM_RESPONSE_ACTION_KEY, im_text("the key")};
	auto response = framed(8, IM_FIELD_RESPONSE, payload, key);
	CHECK(response.response().action_key() == "the key"
			&& response.response().local()
			&& response.response().code() == 408);
}

static void test_hello_and_registration()
{
	im_socket_t sockets[2] = {};
	im_hello_t hello = {};
	im_slice_t payload;
	hello.replays_up_to = 77;
	sockets[1].advertised_port = 7;
	hello.boot_id = im_text("boot");
	hello.module_version = im_text("1.2.3");
	hello.sockets = sockets;
	hello.socket_count = 2;
	CHECK(im_encode_hello(&hello, &payload) == 0);
	auto e = framed(0, IM_FIELD_HELLO, payload, {});
	CHECK(e.sequence() == 0 && e.hello().protocol_version() == 1);
	CHECK(e.hello().boot_id() == "boot" && e.hello().sockets_size() == 2);
	CHECK(e.hello().replays_up_to() == 77);
	CHECK(e.hello().module_version() == "1.2.3");
	CHECK(e.hello().sockets(1).advertised_port() == 7);

	im_slice_t tags[] = {im_text("+g.oma.sip-im"), im_text("+a=\"b\"")};
	im_registration_t r = {};
	r.contact = im_text("sip:c");
	r.feature_tags = tags;
	r.feature_tag_count = 2;
	r.expires_seconds = 0;
	CHECK(im_encode_registration(&r, &payload) == 0);
	auto m = framed(1, IM_FIELD_REGISTRATION, payload, {});
	CHECK(m.registration().feature_tags(1) == "+a=\"b\"");
}

/* Every field of an action by its name in the contract. */
static void test_every_field()
{
	v1::SipActionBatch batch;
	auto *o = batch.add_actions()->mutable_originate();
	o->set_action_key("o1");
	o->set_method("o2");
	o->set_uri("o3");
	o->set_next_hop("o4");
	o->set_from("o5");
	o->set_from_tag("o6");
	o->set_to("o7");
	o->set_to_tag("o8");
	o->set_call_id("o9");
	o->set_cseq(10);
	for(int i = 0; i < 100; i++) {
		auto *h = o->add_headers();
		h->set_name("n" + std::to_string(i));
		h->set_value("v" + std::to_string(i));
	}
	o->set_body("o12");
	o->set_done_mark(true);
	o->set_timeout_ms(14);
	o->set_terminating(true);
	auto *r = batch.add_actions()->mutable_reply();
	r->set_transaction("r1");
	r->set_ordinal(2);
	r->set_code(300);
	r->set_reason("r4");
	r->set_body("r6");
	r->set_record_route(true);
	r->set_to_tag("r8");
	r->set_quiet(true);
	auto *k = batch.add_actions()->mutable_ack();
	k->set_action_key("k1");
	k->set_invite_key("k2");
	k->set_uri("k3");
	k->set_next_hop("k4");
	k->set_to_tag("k5");
	k->set_body("k7");
	k->set_from("k8");
	k->set_from_tag("k9");
	k->set_to("k10");
	k->set_call_id("k11");
	k->set_cseq(12);
	auto *n = batch.add_actions()->mutable_hello();
	n->set_protocol_version(1);
	n->set_node("n2");
	n->add_domains("d0");
	n->add_domains("d1");
	n->set_server_version("n4");
	auto *p = batch.add_actions()->mutable_relay();
	p->set_transaction("p1");
	p->set_uri("p2");
	p->add_remove_headers("p3");
	p->add_remove_headers("p4");
	p->add_add_headers()->set_name("p5");
	p->set_record_route(true);
	p->set_passed(v1::SESSION_CASE_TERMINATING);
	std::string bytes = batch.SerializeAsString();
	im_action_t a;
	im_batch_t *b = im_batch_decode(im_slice(bytes.data(), bytes.size()));
	auto is = [](im_slice_t v, const char *text) {
		return im_slice_eq(v, im_text(text));
	};
	CHECK(b && im_batch_next(b, &a));
	CHECK(is(a.action_key, "o1") && is(a.method, "o2") && is(a.uri, "o3")
			&& is(a.next_hop, "o4") && is(a.from, "o5") && is(a.from_tag, "o6")
			&& is(a.to, "o7") && is(a.to_tag, "o8") && is(a.call_id, "o9")
			&& a.cseq == 10 && is(a.body, "o12") && a.done_mark
			&& a.timeout_ms == 14 && a.terminating);
	CHECK(a.header_count == 100 && is(a.headers[0].name, "n0")
			&& is(a.headers[99].value, "v99"));
	CHECK(im_batch_next(b, &a));
	CHECK(is(a.transaction, "r1") && a.ordinal == 2 && a.code == 300
			&& is(a.reason, "r4") && is(a.body, "r6") && a.record_route
			&& is(a.to_tag, "r8") && a.quiet && !a.header_count);
	CHECK(im_batch_next(b, &a));
	CHECK(is(a.action_key, "k1") && is(a.invite_key, "k2") && is(a.uri, "k3")
			&& is(a.next_hop, "k4") && is(a.to_tag, "k5") && is(a.body, "k7")
			&& is(a.from, "k8") && is(a.from_tag, "k9") && is(a.to, "k10")
			&& is(a.call_id, "k11") && a.cseq == 12);
	CHECK(im_batch_next(b, &a));
	CHECK(a.protocol_version == 1 && is(a.node, "n2") && a.name_count == 2
			&& is(a.names[1], "d1") && is(a.server_version, "n4"));
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_RELAY);
	CHECK(is(a.transaction, "p1") && is(a.uri, "p2") && a.name_count == 2
			&& is(a.names[1], "p4") && a.header_count == 1
			&& is(a.headers[0].name, "p5") && a.record_route
			&& a.passed == IM_CASE_TERMINATING);
	CHECK(!im_batch_next(b, &a));
	im_batch_free(b);
}

/* Fields of a later version, and bytes that are no message. */
static void test_odd_bytes()
{
	/* field 15 as number, fixed and bytes; Confirm 5 with a field 9; field 15
	 * once more; field 2 of the batch */
	static const char later[] = "\x0a\x1a\x78\x01\x79"
								"12345678"
								"\x7d"
								"1234"
								"\x7a\x00\x3a\x04\x08\x05\x48\x01\x7a\x00"
								"\x12\x00";
	/* an action 12 alone, then Confirm 5 */
	static const char unknown[] = "\x0a\x05\x62\x03\x0a\x01x"
								  "\x0a\x04\x3a\x02\x08\x05";
	static const char *const broken[] = {"\x0a\x05\x3a", "\x0a\x02\x3a\x09",
			"\x0b", "\x02\x01", "\x0a\x03\x3a\x01\x0c",
			"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"};
	im_action_t a;
	im_batch_t *b = im_batch_decode(im_slice(later, sizeof(later) - 1));
	CHECK(b && im_batch_next(b, &a) && a.type == IM_ACT_CONFIRM
			&& a.sequence == 5);
	CHECK(!b || !im_batch_next(b, &a));
	if(b)
		im_batch_free(b);
	b = im_batch_decode(im_slice(unknown, sizeof(unknown) - 1));
	CHECK(b && im_batch_next(b, &a) && a.type == IM_ACT_NONE);
	CHECK(b && im_batch_next(b, &a) && a.type == IM_ACT_CONFIRM
			&& a.sequence == 5);
	if(b)
		im_batch_free(b);
	for(const char *bytes : broken)
		CHECK(!im_batch_decode(im_text(bytes)));
}

static void test_decode()
{
	v1::SipActionBatch batch;
	auto *o = batch.add_actions()->mutable_originate();
	o->set_action_key("k");
	o->set_timeout_ms(5);
	o->add_headers()->set_name("N");
	o->set_body("b");
	batch.add_actions();
	batch.add_actions()->mutable_reply()->set_record_route(true);
	batch.add_actions()->mutable_hello()->add_domains("d");
	batch.add_actions()->mutable_ack()->set_to_tag("t");
	batch.add_actions()->mutable_cancel()->set_invite_key("i");
	batch.add_actions()->mutable_decline()->set_transaction("x");
	batch.add_actions()->mutable_confirm()->set_sequence(1ull << 33);
	batch.add_actions()->mutable_pause()->set_milliseconds(250);
	std::string bytes = batch.SerializeAsString();
	im_action_t a;
	im_batch_t *b = im_batch_decode(im_slice(bytes.data(), bytes.size()));
	CHECK(b != nullptr);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_ORIGINATE
			&& a.header_count == 1 && a.headers[0].name.len == 1
			&& a.body.len == 1 && a.timeout_ms == 5);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_NONE);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_REPLY && a.record_route);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_HELLO && a.name_count == 1);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_ACK && a.to_tag.len == 1);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_CANCEL
			&& a.invite_key.len == 1);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_DECLINE
			&& a.transaction.len == 1);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_CONFIRM
			&& a.sequence == 1ull << 33);
	CHECK(im_batch_next(b, &a) && a.type == IM_ACT_PAUSE && a.pause_ms == 250);
	CHECK(!im_batch_next(b, &a));
	im_batch_free(b);
	/* cut anywhere: decoded in part or refused, never read beyond */
	for(size_t n = 0; n < bytes.size(); n++) {
		std::string cut(bytes.data(), n);
		b = im_batch_decode(im_slice(cut.data(), (int)n));
		while(b && im_batch_next(b, &a))
			;
		if(b)
			im_batch_free(b);
	}
	CHECK(im_batch_decode(im_text("\xff\xff")) == nullptr);
}

extern "C" void test_wire(void)
{
	test_request();
	test_results();
	test_hello_and_registration();
	test_decode();
	test_every_field();
	test_odd_bytes();
}
