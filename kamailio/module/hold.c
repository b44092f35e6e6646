/*
 * im_sidecar: 2xx to INVITE that wait for their ACK
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hold.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "core/dprint.h"
#include "emit.h"
#include "held.h"
#include "im_tm.h"
#include "params.h"
#include "reply.h"
#include "sizes.h"

unsigned im_hold_check(
		const im_action_t *reply, const im_trans_t *trans, const char **wrong)
{
	int size;

	*wrong = "code is not 100 to 699";
	if(reply->code < 100 || reply->code > 699)
		return 500;
	*wrong = "reason breaks the line";
	if(!im_is_line(reply->reason, 255))
		return 500;
	*wrong = "to_tag is no token";
	if(reply->to_tag.len && !im_is_token(reply->to_tag, 256))
		return 500;
	*wrong = im_check_headers(
			reply->headers, reply->header_count, im_params.max_headers);
	if(*wrong)
		return 500;
	*wrong = "larger than the transport carries";
	size = im_headers_size(reply->headers, reply->header_count);
	return im_reply_fits(trans, (long)size + reply->body.len) ? 0 : 513;
}

im_answer_t *im_hold_copy(const im_action_t *reply)
{
	im_answer_t *copy = calloc(1, sizeof(*copy));
	int size = im_headers_size(reply->headers, reply->header_count);
	char *p;

	if(!copy)
		return NULL;
	copy->block = p = malloc(reply->reason.len + size + reply->body.len + 1);
	if(!p) {
		free(copy);
		return NULL;
	}
	copy->code = reply->code;
	copy->record_route = reply->record_route;
	copy->reason = im_slice(p, reply->reason.len);
	if(reply->reason.len)
		memcpy(p, reply->reason.s, reply->reason.len);
	p += reply->reason.len;
	copy->headers = im_slice(p, size);
	p = im_headers_write(p, reply->headers, reply->header_count);
	copy->body = im_slice(p, reply->body.len);
	if(reply->body.len)
		memcpy(p, reply->body.s, reply->body.len);
	return copy;
}

void im_hold_free(im_answer_t *copy)
{
	if(!copy)
		return;
	free(copy->block);
	free(copy);
}

static void let_go(im_trans_t *trans, int release)
{
	if(!trans->cell)
		return;
	if(release)
		im_tm.t_release_transaction(trans->cell);
	im_tm.unref_cell(trans->cell);
	trans->cell = NULL;
	im_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
}

static void no_ack(im_timer_t *timer)
{
	im_trans_t *trans = im_owner(timer, im_trans_t, timer);
	im_slice_t payload;

	let_go(trans, 1);
	im_trans_end(trans, trans->code);
	trans->acked = 1; /* it comes too late now */
	if(trans->original[0])
		return;
	if(im_encode_ack_timeout(im_text(trans->id), &trans->dialog, &payload) == 0)
		im_emit(im_held_whom(trans), IM_FIELD_ACK_TIMEOUT, payload);
}

void im_hold_start(im_trans_t *trans)
{
	im_trans_accept(trans, trans->answer->code);
	trans->timer.fire = no_ack;
	im_timer_set(&trans->timer, im_now() + im_params.hold_timeout);
}

void im_hold_repeat(im_trans_t *trans, im_trans_t *before)
{
	im_reply_t reply = {0};
	im_trans_t mine = *trans;
	unsigned ended;

	reply.code = before->answer->code;
	reply.reason = before->answer->reason;
	reply.headers = before->answer->headers;
	reply.body = before->answer->body;
	reply.record_route = before->answer->record_route;
	snprintf(trans->original, sizeof(trans->original), "%s",
			before->original[0] ? before->original : before->id);
	/* the dialog is the one that exists */
	mine.dialog.to_tag = before->dialog.to_tag;
	ended = im_reply_send(&mine, &reply);
	trans->cell = mine.cell;
	if(ended || !trans->cell) {
		im_trans_end(trans, ended ? ended : reply.code);
		return;
	}
	im_trans_accept(trans, reply.code);
	trans->timer.fire = no_ack;
	im_timer_set(&trans->timer, im_now() + im_params.hold_timeout);
}

static void end_hold(im_trans_t *trans, int release)
{
	if(trans->state != IM_ACCEPTED)
		return;
	let_go(trans, release);
	im_trans_end(trans, trans->code);
}

void im_hold_acked(im_trans_t *trans, im_slice_t payload, int release)
{
	im_trans_t *original = trans;
	im_extra_t extra;

	end_hold(trans, release);
	if(trans->original[0])
		original = im_trans_find(im_text(trans->original));
	/* copies of an ACK, and an ACK after AckTimeout, tell nothing new */
	if(!original || original->acked)
		return;
	original->acked = 1;
	end_hold(original, 1);
	extra.field = IM_ACKNOWLEDGED_TRANSACTION;
	extra.value = im_text(original->id);
	im_emit_with(im_held_whom(original), IM_FIELD_ACKNOWLEDGED, payload, extra);
}
