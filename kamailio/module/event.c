/*
 * im_sidecar: events on their way from a SIP worker to the link process
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* F_SETPIPE_SZ */
#define _GNU_SOURCE

#include "event.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "shared.h"

#define PIPE_BYTES (1 << 20)

static int ends[2] = {-1, -1};
static int slots = 0; /* pointers that fit into the pipe */

static im_slice_t put(char **p, im_slice_t v)
{
	im_slice_t copy = im_slice(*p, v.len);

	if(v.len > 0)
		memcpy(*p, v.s, v.len);
	*p += v.len;
	return copy;
}

im_event_t *im_event_new(const im_event_t *source)
{
	const im_dialog_ids_t *d = &source->dialog;
	im_event_t *event;
	char *p;

	event = shm_malloc(sizeof(*event) + d->call_id.len + d->from_tag.len
					   + d->to_tag.len + source->uri.len + source->branch.len
					   + source->payload.len);
	if(!event) {
		SHM_MEM_ERROR;
		return NULL;
	}
	*event = *source;
	p = (char *)(event + 1);
	event->dialog.call_id = put(&p, d->call_id);
	event->dialog.from_tag = put(&p, d->from_tag);
	event->dialog.to_tag = put(&p, d->to_tag);
	event->uri = put(&p, source->uri);
	event->branch = put(&p, source->branch);
	event->payload = put(&p, source->payload);
	return event;
}

void im_event_free(im_event_t *event)
{
	shm_free(event);
}

int im_pipe_init(void)
{
	int bytes;

	if(pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) {
		LM_ERR("pipe: %s\n", strerror(errno));
		return -1;
	}
	if(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
		LM_WARN("pipe keeps its size: %s\n", strerror(errno));
	bytes = fcntl(ends[1], F_GETPIPE_SZ);
	slots = (bytes > 0 ? bytes : 65536) / (int)sizeof(im_event_t *);
	return 0;
}

int im_pipe_fd(void)
{
	return ends[0];
}

int im_pipe_has_room_for_request(void)
{
	return atomic_get(&im_shared->piped) < slots / 2;
}

int im_pipe_push(im_event_t *event)
{
	int n;

	atomic_inc(&im_shared->piped);
	do
		n = write(ends[1], &event, sizeof(event));
	while(n < 0 && errno == EINTR);
	if(n == sizeof(event))
		return 0;
	atomic_dec(&im_shared->piped);
	return -1;
}

int im_event_send(const im_event_t *source)
{
	im_event_t *event = im_event_new(source);

	if(event && im_pipe_push(event) == 0)
		return 0;
	if(event)
		im_event_free(event);
	atomic_inc(&im_shared->dropped);
	LM_ERR("an event of type %d is lost: no room\n", source->type);
	return -1;
}

int im_pipe_pop(im_event_t **events, int max)
{
	int n, count;

	n = read(ends[0], events, max * sizeof(*events));
	if(n < (int)sizeof(*events))
		return 0;
	count = n / (int)sizeof(*events);
	atomic_add(&im_shared->piped, -count);
	return count;
}
