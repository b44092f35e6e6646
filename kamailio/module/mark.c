/*
 * im_sidecar: marks a request that we have finished (HMAC, RFC 2104)
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "mark.h"

#include "core/crypto/sha256.h"

void im_hmac_sha256(im_slice_t key, const im_slice_t *parts, int count,
		unsigned char digest[32])
{
	unsigned char block[SHA256_BLOCK_LENGTH];
	unsigned char pad[SHA256_BLOCK_LENGTH];
	SHA256_CTX ctx;
	int i;

	memset(block, 0, sizeof(block));
	if(key.len > (int)sizeof(block)) {
		sr_SHA256_Init(&ctx);
		sr_SHA256_Update(&ctx, (const uint8_t *)key.s, key.len);
		sr_SHA256_Final(block, &ctx);
	} else if(key.len > 0) {
		memcpy(block, key.s, key.len);
	}
	for(i = 0; i < (int)sizeof(block); i++)
		pad[i] = block[i] ^ 0x36;
	sr_SHA256_Init(&ctx);
	sr_SHA256_Update(&ctx, pad, sizeof(pad));
	for(i = 0; i < count; i++)
		if(parts[i].len > 0)
			sr_SHA256_Update(&ctx, (const uint8_t *)parts[i].s, parts[i].len);
	sr_SHA256_Final(digest, &ctx);
	for(i = 0; i < (int)sizeof(block); i++)
		pad[i] = block[i] ^ 0x5c;
	sr_SHA256_Init(&ctx);
	sr_SHA256_Update(&ctx, pad, sizeof(pad));
	sr_SHA256_Update(&ctx, digest, 32);
	sr_SHA256_Final(digest, &ctx);
}

void im_mark_of(im_slice_t secret, const im_slice_t *parts, int count,
		char mark[IM_MARK_LEN])
{
	static const char hex[] = "0123456789abcdef";
	im_slice_t all[2 * IM_MARK_PARTS];
	unsigned char digest[32];
	int i;

	/* the zero byte stands in none of them */
	for(i = 0; i < count; i++) {
		all[2 * i] = parts[i];
		all[2 * i + 1] = im_slice("", 1);
	}
	im_hmac_sha256(secret, all, 2 * count - 1, digest);
	for(i = 0; i < IM_MARK_LEN / 2; i++) {
		mark[2 * i] = hex[digest[i] >> 4];
		mark[2 * i + 1] = hex[digest[i] & 15];
	}
}

int im_mark_same(im_slice_t a, im_slice_t b)
{
	int i, difference = 0;

	if(a.len != b.len)
		return 0;
	for(i = 0; i < a.len; i++)
		difference |= a.s[i] ^ b.s[i];
	return difference == 0;
}

void im_mark_make(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, char mark[IM_MARK_LEN])
{
	im_slice_t parts[] = {call_id, from_tag, session_case};

	im_mark_of(secret, parts, 3, mark);
}

int im_mark_valid(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, im_slice_t mark)
{
	char expected[IM_MARK_LEN];

	im_mark_make(secret, call_id, from_tag, session_case, expected);
	return im_mark_same(mark, im_slice(expected, IM_MARK_LEN));
}
