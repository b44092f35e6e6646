/*
 * im_sidecar: events on their way from a SIP worker to the link process
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_EVENT_H
#define IM_EVENT_H

#include <stdint.h>
#include "wire.h"

typedef enum im_event_type
{
	IM_EV_REQUEST = 1,
	IM_EV_CANCELLED,
	IM_EV_ACK,		  /* matched its transaction */
	IM_EV_ACK_DIALOG, /* to be matched by its dialog */
	IM_EV_RESPONSE,	  /* 2xx to INVITE excepted */
	IM_EV_INVITE_2XX,
	IM_EV_INVITE_100,
	IM_EV_READ, /* a request of ours, by a worker */
	IM_EV_REGISTRATION
} im_event_type_t;

/* One block of shared memory, the strings behind it. */
typedef struct im_event
{
	im_event_type_t type;
	int invite;		/* REQUEST */
	int udp;		/* REQUEST: came over UDP */
	int size;		/* REQUEST: bytes of its text */
	unsigned index; /* of the transaction in tm's table */
	unsigned label;
	unsigned fr_timeout; /* ticks, as they were before we suspended */
	unsigned fr_inv_timeout;
	uint64_t key_id; /* RESPONSE */
	unsigned code;	 /* RESPONSE, INVITE_2XX */
	int slot;		 /* REQUEST, ACK_DIALOG, REGISTRATION */
	int in_dialog;	 /* REQUEST */
	int slot_known;	 /* REQUEST: of an identity of ours; else it is a guess */
	unsigned guess;	 /* REQUEST: what its slot is guessed by; 0: nothing */
	im_dialog_ids_t dialog;
	im_slice_t uri;		/* REQUEST, if it is an INVITE */
	im_slice_t branch;	/* REQUEST: of its topmost Via */
	im_slice_t payload; /* encoded */
} im_event_t;

/* Copies strings and payload; NULL when out of shared memory. */
im_event_t *im_event_new(const im_event_t *source);
void im_event_free(im_event_t *event);

/* The pipe to the link, made before any fork. */
int im_pipe_init(void);
int im_pipe_fd(void);

/* Half of the pipe is kept for events other than requests. */
int im_pipe_has_room_for_request(void);

/* Hands the event over, never waits; -1: the caller still owns it. */
int im_pipe_push(im_event_t *event);

/* new and push; counts and logs what is lost. */
int im_event_send(const im_event_t *source);

/* In the link: up to max events. */
int im_pipe_pop(im_event_t **events, int max);

#endif
