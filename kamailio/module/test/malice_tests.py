# Nothing that the sidecar sends may harm Kamailio.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

from originate_tests import originate
from sip_gateway_pb2 import Confirm, SipAction
from world import OURS, test


@test
def malicious_actions_do_no_harm(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()

    def bad_reply(expected, **fields):
        peer.request("MESSAGE", OURS)
        request = sidecar.wait("request")
        sidecar.reply(request.transaction, 1, **fields)
        ended = sidecar.wait("transaction_ended")
        assert ended.code == expected and peer.final().code == expected, ended

    bad_reply(500, code=200, headers=[("X-A", b"a\r\nInjected: b")])
    bad_reply(500, code=200, headers=[("X A", "a")])
    bad_reply(500, code=200, headers=[("", "a")])
    bad_reply(500, code=200, headers=[("Content-Length", "7")])
    bad_reply(500, code=200, headers=[("X", "y")] * 5000)
    bad_reply(500, code=200, reason="a\r\nb")
    bad_reply(500, code=0)
    bad_reply(500, code=99999)
    bad_reply(513, code=200, body=b"x" * 70000)

    def bad_originate(expected, **fields):
        action = originate(world, bob.port, **fields)
        response = sidecar.wait("response")
        assert response.local and response.code == expected, (fields, response)

    for fields in (dict(method=""), dict(method="A B"), dict(method="ACK"), dict(uri=""), dict(uri="not a uri"),
                   dict(uri="sip:a@b\r\nX: y"), dict(next_hop="sip:name.example.com"), dict(next_hop="junk"),
                   dict(**{"from": "\"open <sip:a@b>"}), dict(**{"from": "<sip:a@b>\r\nX: y"}), dict(from_tag=""),
                   dict(from_tag="a b"), dict(to="<>"), dict(to="<sip:a@b>;tag=x"), dict(to_tag="a\r\nb"),
                   dict(call_id=""), dict(call_id="a b"), dict(cseq=0), dict(cseq=0xffffffff), dict(action_key=""),
                   dict(action_key="k" * 100_000), dict(headers=[("X", b"a\nb")]), dict(headers=[("Via", "x")]),
                   dict(headers=[("X", b"\0")]), dict(uri="sip:" + "u" * 5000 + "@h")):
        bad_originate(400, **fields)
    bob.silent(lambda m: True, 0.2)
    sidecar.act(SipAction(), SipAction(confirm=Confirm(sequence=2 ** 63)))
    sidecar.cancel("", "")
    sidecar.ack(action_key="", invite_key="")
    sidecar.wait("response")
    peer.request("MESSAGE", OURS)
    request = sidecar.wait("request")
    sidecar.reply(request.transaction, 1, 200, headers=[("X-Bytes", b"\xff\xfe")])
    assert peer.final().code == 200
