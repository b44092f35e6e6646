# Requests that the module holds for the sidecar.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

from sip import unique
from sip_gateway_pb2 import Decline, SipAction
from world import OURS, test


@test
def request_up_and_reply_down(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("SUBSCRIBE", OURS, ["Event: conference", "X-Folded: one\r\n  two", "Expires: 60"], b"hello \xff")
    request = sidecar.wait("request")
    assert request.method == "SUBSCRIBE" and request.uri == OURS and request.body == b"hello \xff"
    headers = {h.name: h.value for h in request.headers}
    assert headers["X-Folded"] == b"one two", headers
    assert request.to_tag and not request.trusted and list(request.identities) == ["sip:alice@example.com"]
    assert request.received_on.port == world.handset and request.received_on.transport == "udp"
    assert request.source_address == "127.0.0.1" and request.source_port == peer.port
    sidecar.reply(request.transaction, 1, 200, "Fine", [("Expires", "60"), ("Contact", f"<{OURS}>")], b"body down")
    answer = peer.final()
    assert answer.start == "SIP/2.0 200 Fine" and answer.body == b"body down"
    assert answer.tag("To") == request.to_tag and answer.get("Expires") == "60"
    sent = sidecar.wait("reply_sent")
    assert (sent.transaction, sent.ordinal, sent.code) == (request.transaction, 1, 200)


def invite(world, peer, headers=(), body=b"v=0\r\n", **fields):
    """Sends an INVITE; returns the Request and the dialog's fields for more requests of it."""
    dialog = {"call_id": unique("c"), "from_tag": unique("f"), "branch": unique("z9hG4bK"), **fields}
    data = peer.request("INVITE", OURS, list(headers), body, **dialog)
    request = world.sidecar.wait("request", lambda r: r.method == "INVITE")
    return request, dialog, data


def send_ack(peer, answer, dialog, headers=(), body=b"", **fields):
    peer.request("ACK", OURS, list(headers), body, call_id=dialog["call_id"], from_tag=dialog["from_tag"],
                 to_tag=answer.tag("To"), **fields)


@test
def trusted_identity_and_session_case(world):
    sidecar, peer = world.attached(), world.peer(world.core)
    peer.request("MESSAGE", OURS, [f"Route: <sip:term@127.0.0.1:{world.core};lr>",
                                   'P-Asserted-Identity: "A, B" <sip:ab@example.com>, <tel:+123>'])
    request = sidecar.wait("request")
    assert request.trusted and list(request.identities) == ['"A, B" <sip:ab@example.com>', "<tel:+123>"]
    assert request.session_case == 2
    sidecar.reply(request.transaction, 1, 202)
    assert peer.final().code == 202
    peer.request("MESSAGE", OURS, [f"Route: <sip:orig@127.0.0.1:{world.core};lr>"])
    request = sidecar.wait("request")
    assert request.session_case == 1
    sidecar.reply(request.transaction, 1, 200)
    assert peer.final().code == 200


@test
def handset_asserts_nothing(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("MESSAGE", OURS, ["P-Asserted-Identity: <sip:boss@example.com>", "P-Preferred-Identity: <sip:x@y>",
                                   'Proxy-Authorization: Digest username="alice", response="00"',
                                   f"Route: <sip:term@127.0.0.1:{world.handset};lr>"])
    request = sidecar.wait("request")
    assert not request.trusted and list(request.identities) == ["sip:alice@example.com"]
    assert not [h for h in request.headers if h.name.startswith(("P-", "Proxy-"))], request.headers
    assert request.session_case == 0
    sidecar.reply(request.transaction, 1, 200)


@test
def too_many_headers_are_refused(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("MESSAGE", OURS, ["X-Header: 1"] * 300)
    assert peer.final().code == 513
    peer.request("MESSAGE", OURS, ["X-Header: 1"] * 100)
    assert sidecar.wait("request").method == "MESSAGE"


@test
def ringing_then_accepted_with_record_route_on_top(world):
    sidecar, peer = world.attached(), world.peer(tcp=True)
    request, dialog, _ = invite(world, peer, ["Record-Route: <sip:10.9.9.9;lr>", "Record-Route: <sip:10.8.8.8;lr>"])
    sidecar.reply(request.transaction, 1, 180, "Ringing", [("Contact", f"<{OURS}>")], record_route=True)
    ringing = peer.reply(180)
    own = f"<sip:127.0.0.1:{world.handset};transport=tcp;lr>"
    assert ringing.all("Record-Route") == [own, "<sip:10.9.9.9;lr>", "<sip:10.8.8.8;lr>"], ringing.headers
    assert ringing.tag("To") == request.to_tag
    sidecar.reply(request.transaction, 2, 200, "OK", [("Contact", f"<{OURS}>"), ("Content-Type", "application/sdp")],
                  b"v=0\r\n", record_route=True)
    accepted = peer.reply(200)
    assert accepted.all("Record-Route")[0] == own and accepted.body == b"v=0\r\n"
    assert accepted.tag("To") == request.to_tag
    send_ack(peer, accepted, dialog, ["X-Ack: yes"], b"v=1\r\n")
    acknowledged = sidecar.wait("acknowledged")
    assert acknowledged.transaction == request.transaction and acknowledged.body == b"v=1\r\n"
    assert ("X-Ack", b"yes") in [(h.name, h.value) for h in acknowledged.headers]
    assert acknowledged.dialog.to_tag == request.to_tag and acknowledged.dialog.cseq == 1
    peer.silent(lambda m: m.code == 200, 1.2)


@test
def record_route_without_any_in_the_request(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 183, record_route=True)
    assert peer.reply(183).all("Record-Route") == [f"<sip:127.0.0.1:{world.handset};lr>"]
    sidecar.reply(request.transaction, 2, 486, "Busy", record_route=True)
    assert peer.reply(486).all("Record-Route") == []


@test
def retransmissions_are_absorbed(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, data = invite(world, peer)
    peer.send(data)
    peer.send(data)
    sidecar.none("request", lambda r: True, 0.3)
    sidecar.reply(request.transaction, 1, 200, record_route=True)
    first = peer.reply(200)
    # no ACK yet: copies of the 2xx, and the INVITE again brings one more
    assert peer.reply(200, 1.5).tag("To") == first.tag("To")
    peer.drain()
    peer.send(data)
    assert peer.reply(200, 0.4)
    sidecar.none("request", lambda r: True, 0.2)
    send_ack(peer, first, dialog)
    assert sidecar.wait("acknowledged").transaction == request.transaction
    send_ack(peer, first, dialog)
    sidecar.none("acknowledged", lambda a: True, 0.3)


@test
def invite_on_a_new_branch_gets_the_same_2xx(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 200, "OK", [("X-Same", "1")], b"same")
    first = peer.reply(200)
    peer.drain()
    again = {**dialog, "branch": unique("z9hG4bK")}
    peer.request("INVITE", OURS, (), b"v=0\r\n", **again)
    second = peer.receive(lambda m: m.code == 200 and again["branch"] in m.get("Via"))
    assert second and second.body == b"same" and second.get("X-Same") == "1"
    assert second.tag("To") == first.tag("To") == request.to_tag
    sidecar.none("request", lambda r: True, 0.2)
    send_ack(peer, second, dialog)
    assert sidecar.wait("acknowledged").transaction == request.transaction
    sidecar.none("ack_timeout", lambda a: True, 4.6)


@test
def request_that_tm_has_forgotten_gets_the_same_answer(world):
    sidecar, peer = world.attached(), world.peer()
    data = peer.request("SUBSCRIBE", OURS, ["Event: conference"], branch=unique("z9hG4bK"))
    request = sidecar.wait("request")
    sidecar.reply(request.transaction, 1, 200, "OK", [("Expires", "60")], b"same", record_route=True)
    first = peer.final()
    # wt_timer of tm is over: an answer that got lost is asked for until 32 s
    peer.silent(lambda m: m.code, 6)
    peer.send(data)
    second = peer.final()
    assert (second.start, second.headers, second.body) == (first.start, first.headers, first.body), second.headers
    sidecar.none("request", lambda r: True, 0.2)
    # the same number on another branch is another request
    peer.request("SUBSCRIBE", OURS, ["Event: conference"], call_id=first.get("Call-ID"), from_tag=first.tag("From"))
    assert sidecar.wait("request").method == "SUBSCRIBE"


@test
def reply_of_a_dialog_that_exists_carries_its_tag(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 200, to_tag="known")
    accepted = peer.reply(200)
    assert accepted.tag("To") == "known" != request.to_tag
    send_ack(peer, accepted, dialog)
    acknowledged = sidecar.wait("acknowledged")
    assert (acknowledged.transaction, acknowledged.dialog.to_tag) == (request.transaction, "known")
    peer.drain()
    peer.silent(lambda m: m.code == 200, 2.2)
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 200, to_tag="a\r\nX: y")
    assert peer.final().code == 500


@test
def no_ack_ends_in_ack_timeout(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 200)
    peer.reply(200)
    missing = sidecar.wait("ack_timeout", timeout=6)
    assert missing.transaction == request.transaction and missing.dialog.call_id == dialog["call_id"]
    world.kamailio.wait_status(lambda s: s["awaiting_ack"] == 0)
    peer.drain()
    peer.silent(lambda m: m.code == 200, 2.5)


@test
def ack_found_by_its_dialog(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 200)
    accepted = peer.reply(200)
    send_ack(peer, accepted, dialog, ["X-By-Dialog: yes"])
    assert sidecar.wait("acknowledged").transaction == request.transaction
    peer.drain()
    peer.silent(lambda m: m.code == 200, 2.2)
    # of a dialog that this boot does not know
    peer.request("ACK", OURS, call_id="unknown-call", from_tag="f", to_tag="t", cseq=4)
    stray = sidecar.wait("acknowledged")
    assert stray.transaction == "" and stray.dialog.call_id == "unknown-call" and stray.dialog.cseq == 4


@test
def cancel_gives_487_and_cancelled(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 180)
    peer.reply(180)
    peer.request("CANCEL", OURS, **dialog)
    assert peer.receive(lambda m: m.code == 200 and "CANCEL" in m.get("CSeq"))
    terminated = peer.reply(487)
    assert terminated.tag("To") == request.to_tag
    peer.request("ACK", OURS, **dialog, to_tag=terminated.tag("To"))
    assert sidecar.wait("cancelled").transaction == request.transaction
    sidecar.wait("reply_sent")
    sidecar.reply(request.transaction, 2, 200)
    ended = sidecar.wait("transaction_ended")
    assert (ended.transaction, ended.ordinal, ended.code) == (request.transaction, 2, 487)
    sidecar.none("acknowledged", lambda a: True, 0.2)


@test
def cancel_after_2xx_changes_nothing(world):
    sidecar, peer = world.attached(), world.peer()
    request, dialog, _ = invite(world, peer)
    sidecar.reply(request.transaction, 1, 200)
    accepted = peer.reply(200)
    peer.request("CANCEL", OURS, **dialog)
    send_ack(peer, accepted, dialog)
    sidecar.wait("acknowledged")
    sidecar.none("cancelled", lambda c: True, 0.3)
    peer.silent(lambda m: m.code == 487, 0.3)


@test
def repeated_ordinals_perform_nothing(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("SUBSCRIBE", OURS, ["Event: conference"])
    request = sidecar.wait("request")
    for _ in range(2):
        sidecar.reply(request.transaction, 1, 182)
    for _ in range(2):
        sidecar.reply(request.transaction, 2, 200)
    sidecar.reply(request.transaction, 1, 182)
    codes = [(s.ordinal, s.code) for s in (sidecar.wait("reply_sent") for _ in range(5))]
    assert codes == [(1, 182), (1, 182), (2, 200), (2, 200), (1, 182)], codes
    peer.reply(182)
    peer.reply(200)
    peer.silent(lambda m: True, 0.3)
    sidecar.reply(request.transaction, 3, 404)
    assert sidecar.wait("transaction_ended").code == 200
    sidecar.reply(request.transaction, 3, 404)
    assert sidecar.wait("transaction_ended").ordinal == 3
    sidecar.reply("no-such-transaction", 4, 200)
    unknown = sidecar.wait("transaction_ended")
    assert (unknown.transaction, unknown.ordinal, unknown.code) == ("no-such-transaction", 4, 408)


@test
def nothing_is_told_of_a_quiet_reply(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("SUBSCRIBE", OURS, ["Event: conference"])
    request = sidecar.wait("request")
    sidecar.reply(request.transaction, 1, 200, quiet=True)
    assert peer.final().code == 200
    sidecar.reply(request.transaction, 1, 200, quiet=True)
    sidecar.reply(request.transaction, 2, 404, quiet=True)
    sidecar.reply("no-such-transaction", 1, 200, quiet=True)
    sidecar.none("reply_sent", lambda sent: True, 0.3)
    sidecar.none("transaction_ended", lambda ended: True, 0.1)
    peer.silent(lambda m: True, 0.1)
    sidecar.reply(request.transaction, 1, 200)
    assert sidecar.wait("reply_sent").code == 200


@test
def decline_hands_back_to_the_route(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("MESSAGE", OURS)
    request = sidecar.wait("request")
    sidecar.act(SipAction(decline=Decline(transaction=request.transaction)))
    assert peer.final().start == "SIP/2.0 404 Declined"
    sidecar.act(SipAction(decline=Decline(transaction=request.transaction)),
                SipAction(decline=Decline(transaction="nothing")))
    world.kamailio.wait_status(lambda s: s["held"] == 0)


@test
def nobody_answers_and_the_failure_route_runs(world):
    sidecar, peer = world.attached(), world.peer()
    peer.request("MESSAGE", OURS)
    request = sidecar.wait("request")
    assert peer.final(6).code == 480
    ended = sidecar.wait("transaction_ended")
    assert (ended.transaction, ended.ordinal, ended.code) == (request.transaction, 0, 480)


@test
def cancel_racing_with_2xx_gives_one_final(world):
    sidecar, peer, finals = world.attached(), world.peer(), {}
    count = 100
    for i in range(count):
        request, dialog, _ = invite(world, peer)
        if i % 2:
            sidecar.reply(request.transaction, 1, 200)
            peer.request("CANCEL", OURS, **dialog)
        else:
            peer.request("CANCEL", OURS, **dialog)
            sidecar.reply(request.transaction, 1, 200)
        answer = peer.receive(lambda m: m.code in (200, 487) and "INVITE" in m.get("CSeq"))
        assert answer, i
        finals[request.transaction] = answer.code
        peer.request("ACK", OURS, **dialog, to_tag=answer.tag("To"))
    for transaction, code in finals.items():
        if code == 200:
            assert sidecar.wait("reply_sent", lambda r: r.transaction == transaction).code == 200
            assert sidecar.wait("acknowledged", lambda a: a.transaction == transaction)
        else:
            assert sidecar.wait("cancelled", lambda c: c.transaction == transaction)
            assert sidecar.wait("transaction_ended", lambda t: t.transaction == transaction).code == 487
    assert not sidecar.events, sidecar.names()
