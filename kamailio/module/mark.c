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

void im_mark_make(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, char mark[IM_MARK_LEN])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[32];
	/* the zero byte stands in none of the three */
	im_slice_t parts[5] = {call_id, {"", 1}, from_tag, {"", 1}, session_case};
	int i;

	im_hmac_sha256(secret, parts, 5, digest);
	for(i = 0; i < IM_MARK_LEN / 2; i++) {
		mark[2 * i] = hex[digest[i] >> 4];
		mark[2 * i + 1] = hex[digest[i] & 15];
	}
}

int im_mark_valid(im_slice_t secret, im_slice_t call_id, im_slice_t from_tag,
		im_slice_t session_case, im_slice_t mark)
{
	char expected[IM_MARK_LEN];
	int i, difference = 0;

	if(mark.len != IM_MARK_LEN)
		return 0;
	im_mark_make(secret, call_id, from_tag, session_case, expected);
	for(i = 0; i < IM_MARK_LEN; i++)
		difference |= expected[i] ^ mark.s[i];
	return difference == 0;
}
