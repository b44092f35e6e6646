/*
 * msrp load: registers at a relay; Digest, RFC 7616
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include "auth.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"

#define HEX (2 * EVP_MAX_MD_SIZE + 1)

static void copy_parameter(slice_t from, const char *name, char *to, int room)
{
	char mark[32];
	int len = snprintf(mark, sizeof(mark), "%s=", name);
	const char *p = memmem(from.s, from.len, mark, len);
	const char *end = from.s + from.len, *stop;

	*to = 0;
	if(!p)
		return;
	p += len;
	if(*p == '"') {
		p++;
		stop = memchr(p, '"', end - p);
	} else {
		stop = memchr(p, ',', end - p);
	}
	if(!stop)
		stop = end;
	snprintf(to, room, "%.*s", (int)(stop - p), p);
}

static void hash(const char *algorithm, const char *text, char hex[HEX])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int len = 0, i;

	EVP_Digest(text, strlen(text), bytes, &len,
			strcmp(algorithm, "SHA-256") ? EVP_md5() : EVP_sha256(), NULL);
	for(i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
}

static int authorization(
		char *to, int room, const char *relay, slice_t challenge)
{
	char realm[128], nonce[256], algorithm[32], opaque[128], text[1024];
	char a1[HEX], a2[HEX], response[HEX];

	copy_parameter(challenge, "realm", realm, sizeof(realm));
	copy_parameter(challenge, "nonce", nonce, sizeof(nonce));
	copy_parameter(challenge, "algorithm", algorithm, sizeof(algorithm));
	copy_parameter(challenge, "opaque", opaque, sizeof(opaque));
	if(!*algorithm)
		strcpy(algorithm, "MD5");
	snprintf(text, sizeof(text), "%s:%s:%s", options.user, realm,
			options.password);
	hash(algorithm, text, a1);
	snprintf(text, sizeof(text), "AUTH:%s", relay);
	hash(algorithm, text, a2);
	snprintf(text, sizeof(text), "%s:%s:00000001:bench:auth:%s", a1, nonce, a2);
	hash(algorithm, text, response);
	return snprintf(to, room,
			"Authorization: Digest username=\"%s\", realm=\"%s\", "
			"nonce=\"%s\", "
			"uri=\"%s\", response=\"%s\", algorithm=%s, cnonce=\"bench\", "
			"qop=auth, nc=00000001%s%s%s\r\n",
			options.user, realm, nonce, relay, response, algorithm,
			*opaque ? ", opaque=\"" : "", opaque, *opaque ? "\"" : "");
}

int auth_write(char *to, int room, const char *relay, const char *own,
		const slice_t *challenge)
{
	static unsigned count = 0;
	unsigned id = ++count;
	int len = snprintf(to, room,
			"MSRP auth%08u AUTH\r\nTo-Path: %s\r\nFrom-Path: %s\r\n", id, relay,
			own);

	if(challenge)
		len += authorization(to + len, room - len, relay, *challenge);
	return len + snprintf(to + len, room - len, "-------auth%08u$\r\n", id);
}
