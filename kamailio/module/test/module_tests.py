# The module in a real Kamailio: one function, one behaviour.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

from sidecar import Sidecar
from sip import Peer, unique

OURS = "sip:conf-1@im.example.com"
ALL = []


def test(function):
    ALL.append(function)
    return function


class World:
    def __init__(self, kamailio, folder):
        self.kamailio, self.folder = kamailio, folder
        self.target = f"unix:{folder}/gateway.sock"
        self.sidecar = None

    def attached(self):
        """A scripted sidecar that is attached."""
        if not self.sidecar:
            self.sidecar = Sidecar(self.target)
        self.sidecar.wait_streams(1)
        self.kamailio.wait_status(lambda s: s["attached"] == 1)
        return self.sidecar

    def detach(self):
        if self.sidecar:
            self.sidecar.stop()
            self.sidecar = None
            self.kamailio.wait_status(lambda s: s["attached"] == 0)

    def close(self):
        self.detach()


@test
def request_up_and_reply_down(world):
    sidecar, peer = world.attached(), Peer()
    peer.request("SUBSCRIBE", OURS, ["Event: conference", "X-Folded: one\r\n  two", "Expires: 60"], b"hello \xff")
    request = sidecar.wait("request")
    assert request.method == "SUBSCRIBE" and request.uri == OURS and request.body == b"hello \xff"
    headers = {h.name: h.value for h in request.headers}
    assert headers["X-Folded"] == b"one two", headers
    assert request.to_tag and not request.trusted and list(request.identities) == ["sip:alice@example.com"]
    assert request.received_on.port == 25060 and request.received_on.transport == "udp"
    assert request.source_address == "127.0.0.1" and request.source_port == peer.port
    sidecar.reply(request.transaction, 1, 200, "Fine", [("Expires", "60"), ("Contact", f"<{OURS}>")], b"body down")
    answer = peer.final()
    assert answer.start == "SIP/2.0 200 Fine" and answer.body == b"body down"
    assert answer.tag("To") == request.to_tag and answer.get("Expires") == "60"
    sent = sidecar.wait("reply_sent")
    assert (sent.transaction, sent.ordinal, sent.code) == (request.transaction, 1, 200)
