/*
 * im_sidecar: the contract (proto/imsidecar/v1/sip_gateway.proto) as C structs
 *
 * Encoders write the payload of one event, that is the message inside SipEvent.
 * frame.h puts number and field around it. The decoder hands out the actions of
 * one SipActionBatch; every slice points into its bytes.
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_WIRE_H
#define IM_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include "slice.h"

IM_C_BEGIN

#define IM_PROTOCOL_VERSION 1
#define IM_MAX_NAMES 256 /* of domains, or of headers */

/* Field numbers of the oneof in SipEvent; encode.cpp checks them. */
enum im_event_field
{
	IM_FIELD_HELLO = 2,
	IM_FIELD_REQUEST = 3,
	IM_FIELD_CANCELLED = 4,
	IM_FIELD_ACKNOWLEDGED = 5,
	IM_FIELD_ACK_TIMEOUT = 6,
	IM_FIELD_REPLY_SENT = 7,
	IM_FIELD_TRANSACTION_ENDED = 8,
	IM_FIELD_RESPONSE = 9,
	IM_FIELD_REGISTRATION = 10
};

/* Field numbers the link adds to a payload that a worker has encoded. */
#define IM_RESPONSE_ACTION_KEY 1
#define IM_ACKNOWLEDGED_TRANSACTION 1
#define IM_REQUEST_STAGE 13
#define IM_REQUEST_REDIRECTS 14

typedef struct im_header
{
	im_slice_t name;
	im_slice_t value;
} im_header_t;

typedef struct im_socket
{
	im_slice_t transport;
	im_slice_t address;
	unsigned port;
	im_slice_t advertised_address;
	unsigned advertised_port;
} im_socket_t;

typedef struct im_hello
{
	im_slice_t instance;
	im_slice_t boot_id;
	im_slice_t kamailio_version;
	im_slice_t module_version;
	const im_socket_t *sockets;
	int socket_count;
	uint64_t replays_up_to;
} im_hello_t;

typedef enum im_session_case
{
	IM_CASE_UNSPECIFIED = 0,
	IM_CASE_ORIGINATING = 1,
	IM_CASE_TERMINATING = 2
} im_session_case_t;

typedef struct im_request
{
	im_slice_t transaction;
	im_slice_t method;
	im_slice_t uri;
	const im_header_t *headers;
	int header_count;
	im_slice_t body;
	im_socket_t received_on;
	im_slice_t source_address;
	unsigned source_port;
	im_slice_t to_tag;
	int trusted;
	const im_slice_t *identities;
	int identity_count;
	im_session_case_t session_case;
} im_request_t;

typedef struct im_dialog_ids
{
	im_slice_t call_id;
	im_slice_t from_tag;
	im_slice_t to_tag;
	unsigned cseq;
} im_dialog_ids_t;

typedef struct im_response
{
	im_slice_t action_key;
	unsigned code;
	im_slice_t reason;
	const im_header_t *headers;
	int header_count;
	im_slice_t body;
	int local;
} im_response_t;

typedef struct im_registration
{
	im_slice_t address_of_record;
	im_slice_t contact;
	const im_slice_t *feature_tags;
	int feature_tag_count;
	unsigned expires_seconds;
	im_slice_t call_id;
	unsigned cseq;
} im_registration_t;

/* Each answers 0 and a payload that stays valid until the next call in this
 * process, or -1 when out of memory. Text that is not UTF-8 is repaired. */
int im_encode_hello(const im_hello_t *hello, im_slice_t *payload);
int im_encode_request(const im_request_t *request, im_slice_t *payload);
int im_encode_cancelled(im_slice_t transaction, im_slice_t *payload);
int im_encode_acknowledged(const im_dialog_ids_t *dialog,
		const im_header_t *headers, int header_count, im_slice_t body,
		im_slice_t *payload);
int im_encode_ack_timeout(im_slice_t transaction, const im_dialog_ids_t *dialog,
		im_slice_t *payload);
int im_encode_reply_result(im_slice_t transaction, unsigned ordinal,
		unsigned code, im_slice_t *payload);
int im_encode_response(const im_response_t *response, im_slice_t *payload);
int im_encode_registration(
		const im_registration_t *registration, im_slice_t *payload);

/* The field numbers of the oneof in SipAction. */
typedef enum im_action_type
{
	IM_ACT_NONE = 0, /* unknown to this version: to be ignored */
	IM_ACT_HELLO = 1,
	IM_ACT_REPLY,
	IM_ACT_DECLINE,
	IM_ACT_ORIGINATE,
	IM_ACT_CANCEL,
	IM_ACT_ACK,
	IM_ACT_CONFIRM,
	IM_ACT_PAUSE,
	IM_ACT_RELAY,
	IM_ACT_REDIRECT,
	IM_ACT_NODES
} im_action_type_t;

/* One struct for all actions; a field that an action lacks is empty. */
typedef struct im_action
{
	im_action_type_t type;
	int sender; /* which node; the link sets it */

	/* NodeHello, Redirect: node */
	unsigned protocol_version;
	im_slice_t node;
	im_slice_t server_version;

	/* NodeHello: its domains; Relay: headers that go no further */
	const im_slice_t *names;
	int name_count;

	/* Reply, Decline, Relay, Redirect */
	im_slice_t transaction;
	unsigned ordinal;
	unsigned code;
	im_slice_t reason;
	int record_route;
	int quiet;
	unsigned passed;
	unsigned slot; /* 1 + it; 0: unknown */
	im_slice_t stage;

	/* Relay, Originate, Cancel, Ack */
	im_slice_t action_key;
	im_slice_t invite_key;
	im_slice_t method;
	im_slice_t uri;
	im_slice_t next_hop;
	im_slice_t from;
	im_slice_t from_tag;
	im_slice_t to;
	im_slice_t to_tag;
	im_slice_t call_id;
	unsigned cseq;
	int done_mark;
	int terminating;
	unsigned timeout_ms;

	/* Reply, Relay, Originate, Ack; NodeTable: names and targets, owners */
	const im_header_t *headers;
	int header_count;
	im_slice_t body;

	/* Confirm, Redirect; NodeTable: its version */
	uint64_t sequence;

	/* Pause */
	unsigned pause_ms;
} im_action_t;

typedef struct im_batch im_batch_t;

/* NULL when the bytes are no SipActionBatch. */
im_batch_t *im_batch_decode(im_slice_t bytes);
/* 1 and the next action, 0 at the end. */
int im_batch_next(im_batch_t *batch, im_action_t *action);
void im_batch_free(im_batch_t *batch);

IM_C_END

#endif
