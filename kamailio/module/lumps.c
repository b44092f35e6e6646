/*
 * im_sidecar: header fields that leave a request or come to it
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "lumps.h"

#include "core/data_lump.h"
#include "core/mem/mem.h"
#include "core/parser/parse_hname2.h"

static int is_removed(const struct sip_msg *msg, int offset)
{
	const struct lump *l;

	for(l = msg->add_rm; l; l = l->next)
		if(l->op == LUMP_DEL && l->u.offset <= offset
				&& offset < l->u.offset + l->len)
			return 1;
	return 0;
}

/* What Kamailio knows by a number may stand there in its short form. */
static int type_of(im_slice_t name)
{
	char text[132];
	struct hdr_field header;

	if(name.len + 2 > (int)sizeof(text))
		return HDR_OTHER_T;
	memcpy(text, name.s, name.len);
	memcpy(text + name.len, ": ", 2);
	memset(&header, 0, sizeof(header));
	if(!parse_hname2_short(text, text + name.len + 2, &header))
		return HDR_OTHER_T;
	return header.type;
}

int im_lumps_remove(struct sip_msg *msg, im_slice_t name)
{
	int type = type_of(name);
	struct hdr_field *h;

	for(h = msg->headers; h; h = h->next) {
		if(h->type != type
				|| ((type == HDR_OTHER_T || type == HDR_ERROR_T)
						&& !im_slice_caseeq(IM_SLICE(h->name), name))
				|| is_removed(msg, h->name.s - msg->buf))
			continue;
		if(!del_lump(msg, h->name.s - msg->buf, h->len, HDR_OTHER_T))
			return -1;
	}
	return 0;
}

int im_lumps_add(struct sip_msg *msg, im_slice_t lines)
{
	struct lump *anchor;
	char *copy;

	if(!lines.len)
		return 0;
	copy = pkg_malloc(lines.len);
	anchor = copy ? anchor_lump(msg, msg->unparsed - msg->buf, 0, HDR_OTHER_T)
				  : NULL;
	if(!anchor) {
		if(copy)
			pkg_free(copy);
		return -1;
	}
	memcpy(copy, lines.s, lines.len);
	if(insert_new_lump_before(anchor, copy, lines.len, HDR_OTHER_T))
		return 0;
	pkg_free(copy);
	return -1;
}

void im_lumps_take_back(struct sip_msg *msg, im_slice_t begin)
{
	struct lump *l, *next;

	for(l = msg->add_rm; l; l = next) {
		next = l->next;
		if(l->op == LUMP_NOP && l->before && l->before->op == LUMP_ADD
				&& l->before->len > begin.len
				&& memcmp(l->before->u.value, begin.s, begin.len) == 0)
			remove_lump(msg, l);
	}
}
