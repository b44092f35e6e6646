/*
 * im_sidecar: INVITEs of an earlier boot, known again by our ACK for their 2xx
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "restore.h"

#include "core/dprint.h"
#include "originate.h"
#include "originate_check.h"

im_fork_t *im_restore_fork(const im_action_t *ack, im_key_t **invite)
{
	im_action_t names = *ack;
	im_key_t *key;

	names.action_key = ack->invite_key;
	names.method = im_text("INVITE");
	names.to_tag = im_slice("", 0);
	if(!ack->call_id.len || !ack->invite_key.len
			|| ack->invite_key.len > IM_KEY_MAX || im_names_check(&names))
		return NULL;
	key = im_key_new(&names);
	if(!key) {
		LM_WARN("too many action keys\n");
		return NULL;
	}
	/* it ends at once: only copies of the 2xx are still to come */
	im_key_end(key, NULL);
	if(im_key_list_dialog(key) < 0)
		return NULL;
	im_originate_filter(key, 1);
	*invite = key;
	return im_key_add_fork(key, ack->to_tag);
}
