/*
 * im_sidecar: the gRPC stream to the sidecar
 *
 * Two threads own all of gRPC: one connects and reads, one writes. The Kamailio
 * process puts bytes in and takes items out and never touches gRPC itself, save
 * to cancel a call. The descriptor becomes readable when there are items.
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IM_STREAM_H
#define IM_STREAM_H

#include "slice.h"

IM_C_BEGIN

typedef struct im_stream im_stream_t;

typedef struct im_stream_options
{
	const char *target; /* unix:/path, dns:name:port or ipv4:address:port */
	const char *tls_ca; /* PEM files for TLS; all empty: none */
	const char *tls_certificate;
	const char *tls_key;
	const char
			*tls_name; /* in the sidecar's certificate; empty: as in target */
	int keepalive_ms;
	int keepalive_timeout_ms;
	int max_batch_bytes; /* of one SipActionBatch */
} im_stream_options_t;

typedef enum im_stream_item_type
{
	IM_STREAM_OPENED = 1, /* a new call; LinkHello is to be sent */
	IM_STREAM_BATCH,	  /* one SipActionBatch */
	IM_STREAM_LOST,		  /* the call ended; text says why */
	IM_STREAM_TROUBLE	  /* there is no call; text says why, now and then */
} im_stream_item_type_t;

typedef struct im_stream_item
{
	im_stream_item_type_t type;
	unsigned generation; /* of the call: 1, 2 ... */
	im_slice_t bytes;	 /* BATCH: the batch; LOST, TROUBLE: the text */
	void *handle;
} im_stream_item_t;

/* Starts the threads; NULL when that fails. */
im_stream_t *im_stream_start(const im_stream_options_t *options);

/* Ends the call and the threads; the stream must not be used again. */
void im_stream_stop(im_stream_t *stream);

int im_stream_fd(im_stream_t *stream);

/* 1 and the oldest item, which is to be given back; 0 when there is none. */
int im_stream_next(im_stream_t *stream, im_stream_item_t *item);
void im_stream_release(im_stream_item_t *item);

/* Queues framed events for the call of that generation; a call that has ended
 * takes none. -1 when out of memory. */
int im_stream_send(im_stream_t *stream, unsigned generation, im_slice_t bytes);

/* Lets the writer go, once for many im_stream_send. */
void im_stream_flush(im_stream_t *stream);

/* Cancels the call of that generation; LOST follows. */
void im_stream_reset(im_stream_t *stream, unsigned generation);

IM_C_END

#endif
