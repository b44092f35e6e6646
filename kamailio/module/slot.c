/*
 * im_sidecar: slots: the parts of all that the sidecars hold
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "slot.h"

#include "table.h"

#define ID_LEN 26
#define PREFIX_LEN 3 /* of what is no conference: xd- */

static int value_of(char c)
{
	if(c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

int im_slot_of_text(im_slice_t text)
{
	return (int)(im_hash(text) % IM_SLOTS);
}

int im_slot_of_id(im_slice_t id)
{
	int high = id.len >= 2 ? value_of(id.s[id.len - 2]) : -1;
	int low = id.len >= 2 ? value_of(id.s[id.len - 1]) : -1;

	return high < 0 || low < 0 ? im_slot_of_text(id) : high * 32 + low;
}

int im_slot_of_key(im_slice_t action_key)
{
	const char *end = action_key.len > 0
							  ? memchr(action_key.s, '/', action_key.len)
							  : NULL;

	if(end)
		action_key.len = (int)(end - action_key.s);
	return im_slot_of_id(action_key);
}

int im_slot_of_call_id(im_slice_t call_id)
{
	int first = 0, last = call_id.len - 1;

	while(first < call_id.len && call_id.s[first] != '-')
		first++;
	while(last >= 0 && call_id.s[last] != '-')
		last--;
	if(last <= first + 1)
		return im_slot_of_text(call_id);
	return im_slot_of_id(im_slice(call_id.s + first + 1, last - first - 1));
}

static im_slice_t user_of(im_slice_t uri)
{
	const char *at = uri.len > 0 ? memchr(uri.s, '@', uri.len) : NULL;
	const char *colon = at ? memchr(uri.s, ':', at - uri.s) : NULL;

	if(!colon)
		return im_slice("", 0);
	return im_slice(colon + 1, (int)(at - colon - 1));
}

/* The id at the begin of a user part; empty: there is none. */
static im_slice_t id_of(im_slice_t user)
{
	int i;

	if(user.len > PREFIX_LEN && user.s[PREFIX_LEN - 1] == '-')
		user = im_slice(user.s + PREFIX_LEN, user.len - PREFIX_LEN);
	for(i = 0; i < user.len && value_of(user.s[i]) >= 0; i++)
		;
	if(i != ID_LEN || (i < user.len && user.s[i] != '-'))
		return im_slice("", 0);
	return im_slice(user.s, i);
}

int im_slot_of_request(im_slice_t uri, im_slice_t call_id, int *slot)
{
	im_slice_t id = id_of(user_of(uri));

	*slot = id.len ? im_slot_of_id(id) : im_slot_of_text(call_id);
	return id.len > 0;
}
