# Script functions: marks and registrations.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import hmac

from world import OURS, test


@test
def forged_mark_is_refused(world):
    peer = world.peer()

    def probe(mark, call_id="call-of-mark", user="done"):
        peer.request("MESSAGE", OURS, [f"Route: <sip:{user}@127.0.0.1:{world.handset};lr;mark={mark}>", "X-Mark: 1"],
                     call_id=call_id, from_tag="tag-of-mark")
        return peer.final().code

    good = hmac.new(b"a secret of the test", b"call-of-mark\0tag-of-mark\0done", hashlib.sha256).hexdigest()[:32]
    assert probe(good) == 299
    assert probe(good, call_id="another-call") == 298
    assert probe("0" * 32) == 298 and probe("") == 298 and probe(good[:31]) == 298
    assert probe(good, user="orig") == 296 and probe(good, user="term") == 296
    own = hmac.new(b"a secret of the test", b"call-of-mark\0tag-of-mark\0term", hashlib.sha256).hexdigest()[:32]
    assert probe(own, user="term") == 295 and probe(own) == 298
    assert probe(own, call_id="another-call", user="term") == 296


@test
def registrations_come_up(world):
    sidecar, peer = world.attached(), world.peer()
    contact = '<sip:alice@127.0.0.1:9;x=1>;+g.oma.sip-im;q=0.5;+sip.instance="<urn:uuid:1>";audio'
    peer.request("REGISTER", "sip:example.com", [f"Contact: {contact}, <sip:alice@127.0.0.2>;expires=0", "Expires: 600"],
                 to_uri="sip:alice@example.com;p=1", call_id="reg", cseq=8)
    peer.final()
    first = sidecar.wait("registration", lambda r: r.expires_seconds)
    second = sidecar.wait("registration")
    assert first.address_of_record == "sip:alice@example.com" and first.contact == "sip:alice@127.0.0.1:9;x=1", first
    assert list(first.feature_tags) == ["+g.oma.sip-im", '+sip.instance="<urn:uuid:1>"', "audio"], first.feature_tags
    assert (first.expires_seconds, first.call_id, first.cseq) == (600, "reg", 8)
    assert second.expires_seconds == 0 and not second.feature_tags
