/*
 * im_sidecar: guess: where requests go that no identity of ours names
 *
 * Only a sidecar knows the slot of a served user, and says it when it redirects
 * the first request for him. A wrong guess costs one redirect more.
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "guess.h"

#include "table.h"

#define PLACES 65536 /* a power of two */

typedef struct im_guessed
{
	unsigned key; /* 0: nothing is here */
	int slot;
} im_guessed_t;

static im_guessed_t guessed[PLACES];

static im_guessed_t *place_of(unsigned key)
{
	return &guessed[key & (PLACES - 1)];
}

unsigned im_guess_key(const im_request_t *request)
{
	unsigned key = 0;

	if(request->session_case != IM_CASE_ORIGINATING)
		key = im_hash(request->uri);
	if(request->session_case != IM_CASE_TERMINATING && request->identity_count)
		key = key * 31 + im_hash(request->identities[0]);
	return key ? key : 1;
}

void im_guess(unsigned key, int *slot)
{
	im_guessed_t *place = place_of(key);

	if(key && place->key == key)
		*slot = place->slot;
}

void im_guess_learn(unsigned key, int slot)
{
	im_guessed_t *place = place_of(key);

	place->key = key;
	place->slot = slot;
}
