/*
 * load: users in a dialog, and the conferences they are in
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef LOAD_CONFERENCE_H
#define LOAD_CONFERENCE_H

#include <stdint.h>

#include "exchange.h"

/* The dialog of one user; the texts are header field values. */
typedef struct dialog
{
	char call_id[128];
	char local_tag[32];
	char remote_tag[80];
	char target[256];
	char route[512]; /* Route header lines, or empty */
	unsigned cseq;	 /* of ours */
} dialog_t;

typedef struct member
{
	dialog_t leg;
	int in; /* the leg is established */
	dialog_t watch;
	int watching;
	unsigned watches; /* so far */
	unsigned notify_cseq; /* the last one seen */
	uint64_t watch_begun;
} member_t;

typedef struct conference
{
	int index;
	unsigned serial; /* each use of it is a conference of its own */
	int answered;	 /* the inviter's INVITE */
	int in;			 /* members in */
	char identity[256];
	char etag[128]; /* of what was published */
	uint64_t begun;
	member_t *members; /* the first one invites */
} conference_t;

extern conference_t *conferences;
extern int invited_count; /* of each conference, with who invites */
extern int member_count;  /* of each conference, with who only watches */
/* Who watches while the others come and go: those from that one on. */
extern int first_watcher, watcher_count;
extern unsigned run_id;	 /* a run meets nothing of the one before */

/* What comes of them, set by the mode. */
extern void (*on_established)(conference_t *conference);
extern void (*on_ended)(conference_t *conference);
extern void (*on_failed)(conference_t *conference);
extern void (*on_left)(conference_t *conference, int member);

void conferences_init(void);

/* Invites everybody, as a conference of its own. */
void conference_start(conference_t *conference);
/* Sends the member's BYE. */
void conference_leave(conference_t *conference, int member);

/* A request that came: INVITE, ACK or BYE. */
void conference_request(const message_t *request);
/* A 2xx to an INVITE once more. */
void conference_accepted_again(const message_t *answer);

/* Whom the Request-URI names; NULL: none of ours. */
conference_t *conference_of(slice_t uri, int *member);

void copy_text(char *to, int room, slice_t from);
void add_head(text_t *text, const char *method, const char *uri,
		const exchange_t *exchange, const dialog_t *dialog);
void dialog_accepted(dialog_t *dialog, const message_t *answer);

#endif
