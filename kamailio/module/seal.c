/*
 * im_sidecar: pseudo-variable $im_seal, by which a Record-Route of ours is known when it comes back
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "seal.h"

#include "mark.h"
#include "relay.h"
#include "shared.h"

/* A mark over the Call-ID alone: From and To change places within a dialog. */
static int get_seal(struct sip_msg *msg, pv_param_t *param, pv_value_t *result)
{
	static char seal[IM_MARK_LEN];
	str value = {seal, IM_MARK_LEN};

	if(parse_headers(msg, HDR_CALLID_F, 0) < 0 || !msg->callid)
		return pv_get_null(msg, param, result);
	im_mark_make(im_secret, IM_SLICE(msg->callid->body), im_text(""),
			im_text("seal"), seal);
	return pv_get_strval(msg, param, result, &value);
}

/* clang-format off */
pv_export_t im_pv_exports[] = {
	{{"im_seal", sizeof("im_seal") - 1}, PVT_OTHER, get_seal, 0, 0, 0, 0, 0},
	{{"im_relay", sizeof("im_relay") - 1}, PVT_OTHER, im_relay_get, 0, 0, 0, 0, 0},
	{{0, 0}, 0, 0, 0, 0, 0, 0, 0}
};
/* clang-format on */
