# Requests that the sidecar passes on.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import hmac

import sip_gateway_pb2 as pb
from originate_tests import originate
from sidecar import header_list
from sip import unique
from world import OURS, test

ORIGINATING, TERMINATING = 1, 2


def relay(world, request, bob, passed=ORIGINATING, headers=(), **fields):
    """The request goes on to bob, or where fields say."""
    fields.setdefault("uri", bob_at(bob))
    world.sidecar.act(pb.SipAction(relay=pb.Relay(
        transaction=request.transaction, passed=passed, add_headers=header_list(headers), **fields)))


def bob_at(bob):
    return f"sip:bob@127.0.0.1:{bob.port}"


def answer(bob, request, code, **fields):
    via = request.get("Via").split(";")[0].split(":")
    bob.to = ("127.0.0.1", int(via[-1]))
    bob.answer(request, code, **fields)


def nothing_more(world):
    world.sidecar.none("transaction_ended", lambda e: True, 0.3)
    assert not world.sidecar.events, world.sidecar.names()


@test
def what_is_passed_on_is_changed_as_the_sidecar_says(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    peer.request("MESSAGE", OURS, ["Answer-Mode: Auto", "X-Kept: 1", "answer-mode: Auto", "s: short", "X-Last: 1"], b"hi\xff")
    request = sidecar.wait("request")
    relay(world, request, bob, remove_headers=["Answer-Mode", "Subject"], headers=[("X-New", "1"), ("X-New", "2, \xe9")])
    came = bob.incoming("MESSAGE")
    assert came.start == f"MESSAGE {bob_at(bob)} SIP/2.0" and came.body == b"hi\xff"
    assert not came.all("Answer-Mode") and not came.all("s") and came.all("X-Kept") == ["1"] == came.all("X-Last")
    assert came.all("X-New") == ["1", "2, \xe9"] and not came.all("Record-Route"), came.headers
    answer(bob, came, 202, reason="Taken", headers=["X-Answer: 1"], to_tag="bobs")
    final = peer.final()
    assert final.start == "SIP/2.0 202 Taken" and final.get("X-Answer") == "1" and final.tag("To") == "bobs"
    world.kamailio.wait_status(lambda s: s["held"] == 0)
    nothing_more(world)


@test
def what_the_route_has_removed_already_may_be_removed_again(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    peer.request("MESSAGE", OURS, ["X-Gone: 1", "X-Removed: 1", "X-Kept: 1"])
    relay(world, sidecar.wait("request"), bob, remove_headers=["X-Removed", "X-Removed", "X-Gone", "X-Not-There"])
    came = bob.incoming("MESSAGE")
    assert not came.all("X-Gone") and not came.all("X-Removed") and came.all("X-Kept") == ["1"], came.headers
    answer(bob, came, 200)
    assert peer.final().code == 200


@test
def a_session_that_is_passed_on_stays_on_this_way(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    ids = dict(call_id=unique("c"), from_tag=unique("f"))
    branch = unique("z9hG4bK")
    data = peer.request("INVITE", OURS, [f"Contact: <sip:alice@127.0.0.1:{peer.port}>"], b"v=0\r\n", branch=branch, **ids)
    relay(world, sidecar.wait("request"), bob, record_route=True)
    came = bob.incoming("INVITE")
    here = came.get("Record-Route")
    assert len(came.all("Record-Route")) == 1
    assert here.startswith(f"<sip:127.0.0.1:{world.handset};lr;seal="), came.headers
    peer.send(data)
    bob.silent(lambda m: True, 0.3)
    answer(bob, came, 180, reason="Ringing", to_tag="b")
    assert peer.reply(180).tag("To") == "b"
    answer(bob, came, 200, headers=[f"Contact: <{bob_at(bob)}>"], body=b"v=1\r\n", to_tag="b")
    accepted = peer.reply(200)
    assert accepted.body == b"v=1\r\n" and accepted.get("Record-Route") == here
    peer.request("ACK", bob_at(bob), [f"Route: {here}"], to_tag="b", **ids)
    assert bob.incoming("ACK").tag("To") == "b"
    peer.request("BYE", bob_at(bob), [f"Route: {here}"], to_tag="b", cseq=2, **ids)
    answer(bob, bob.incoming("BYE"), 200)
    assert peer.receive(lambda m: m.code == 200 and "BYE" in m.get("CSeq"))
    nothing_more(world)


@test
def a_refusal_comes_back_as_it_is(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    for code in (302, 404, 486, 500, 603):
        ids = dict(call_id=unique("c"), from_tag=unique("f"), branch=unique("z9hG4bK"))
        peer.request("INVITE", OURS, body=b"v=0\r\n", **ids)
        relay(world, sidecar.wait("request"), bob, TERMINATING)
        answer(bob, bob.incoming("INVITE"), code, reason="Of Bob", headers=["X-Why: 1"], to_tag="b")
        final = peer.final()
        assert (final.code, final.get("X-Why"), final.tag("To")) == (code, "1", "b"), (code, final.start, final.headers)
        bob.incoming("ACK")
        peer.request("ACK", OURS, to_tag="b", **ids)
    nothing_more(world)


@test
def a_cancel_reaches_who_is_called(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    ids = dict(call_id=unique("c"), from_tag=unique("f"), branch=unique("z9hG4bK"))
    peer.request("INVITE", OURS, body=b"v=0\r\n", **ids)
    relay(world, sidecar.wait("request"), bob)
    came = bob.incoming("INVITE")
    answer(bob, came, 180, to_tag="b")
    peer.reply(180)
    peer.request("CANCEL", OURS, **ids)
    cancel = bob.incoming("CANCEL")
    answer(bob, cancel, 200)
    answer(bob, came, 487, to_tag="b")
    bob.incoming("ACK")
    assert peer.receive(lambda m: m.code == 487).tag("To") == "b"
    peer.request("ACK", OURS, to_tag="b", **ids)
    nothing_more(world)


@test
def what_was_cancelled_before_goes_no_further(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    ids = dict(call_id=unique("c"), from_tag=unique("f"), branch=unique("z9hG4bK"))
    peer.request("INVITE", OURS, body=b"v=0\r\n", **ids)
    request = sidecar.wait("request")
    peer.request("CANCEL", OURS, **ids)
    ended = peer.reply(487)
    sidecar.wait("cancelled")
    relay(world, request, bob)
    assert sidecar.wait("transaction_ended").code == 487
    bob.silent(lambda m: True, 0.3)
    peer.request("ACK", OURS, to_tag=ended.tag("To"), **ids)


@test
def it_is_passed_on_once(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    peer.request("MESSAGE", OURS)
    request = sidecar.wait("request")
    for _ in range(3):
        relay(world, request, bob)
    answer(bob, bob.incoming("MESSAGE"), 200)
    assert peer.final().code == 200
    relay(world, request, bob)
    bob.silent(lambda m: True, 0.3)
    nothing_more(world)
    peer.request("MESSAGE", OURS)
    answered = sidecar.wait("request")
    sidecar.reply(answered.transaction, 1, 403)
    assert peer.final().code == 403
    relay(world, answered, bob)
    assert sidecar.wait("transaction_ended").code in (403, 408)
    sidecar.act(pb.SipAction(relay=pb.Relay(transaction="no-such-transaction")))
    assert sidecar.wait("transaction_ended").code == 408
    bob.silent(lambda m: True, 0.2)


@test
def what_would_break_a_line_is_refused(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    wrong = [dict(uri="sip:bob@127.0.0.1\r\nX: 1"), dict(uri="bob"), dict(uri="sip:b ob@127.0.0.1"),
             dict(headers=[("X\r\nY", "1")]), dict(headers=[("X", "1\r\nY: 2")]), dict(headers=[("X", b"1\x002")]),
             dict(headers=[("Via", "SIP/2.0/UDP 127.0.0.1")]), dict(headers=[("X", "1")] * 300),
             dict(remove_headers=["Via"]), dict(remove_headers=["X: 1\r\nY"]), dict(remove_headers=["l"]),
             dict(remove_headers=["X"] * 300), dict(passed=7)]
    for fields in wrong:
        peer.request("MESSAGE", OURS)
        request = sidecar.wait("request")
        relay(world, request, bob, **fields)
        assert peer.final().code == 500, fields
        ended = sidecar.wait("transaction_ended")
        assert (ended.transaction, ended.ordinal, ended.code) == (request.transaction, 0, 500)
    bob.silent(lambda m: True, 0.2)


def passed_mark(call_id, from_tag, half, address, instance="test"):
    text = "\0".join([call_id, from_tag, "passed", half, instance, address]).encode()
    return half + ";mark=" + hmac.new(b"a secret of the test", text, hashlib.sha256).hexdigest()[:32]


class Round:
    """A request that comes back from the core with what was added to it on its first way."""

    def __init__(self, world):
        self.world, self.peer, self.bob = world, world.peer(world.core), world.peer()
        self.ids = dict(call_id=unique("c"), from_tag=unique("f"))

    def send(self, uri, half=None, marks=()):
        route = [f"Route: <sip:{half}@127.0.0.1:{self.world.core};lr>"] if half else []
        self.peer.request("MESSAGE", uri, route + ["X-Up: 1"] + [f"P-Im-Passed: {mark}" for mark in marks], **self.ids)

    def passes(self, passed, to=None):
        """It goes up, and on; the marks with which it does."""
        request = self.world.sidecar.wait("request")
        relay(self.world, request, self.bob, passed, uri=to or "", headers=[])
        came = self.bob.incoming("MESSAGE")
        answer(self.bob, came, 200)
        assert self.peer.final().code == 200
        return came.all("P-Im-Passed")

    def is_a_loop(self):
        assert self.peer.final().start == "SIP/2.0 482 Loop Detected"
        assert not self.world.sidecar.events, self.world.sidecar.names()


@test
def a_half_that_gets_its_request_back_finds_the_loop(world):
    world.attached()
    r = Round(world)
    uri = bob_at(r.bob)
    r.send(uri, "orig")
    marks = r.passes(ORIGINATING)
    assert marks == [passed_mark(**r.ids, half="orig", address=uri)], marks
    r.send(uri, "orig", marks)
    r.is_a_loop()
    # parameters may change on the way, and fields may be put together
    r.send(uri + ";transport=udp", "orig", ["term;mark=00, " + marks[0]])
    r.is_a_loop()
    # nobody says which half: both would run
    r.send(uri, marks=marks)
    r.is_a_loop()
    # the other half, and then that one again
    r.send(uri, "term", marks)
    both = r.passes(TERMINATING)
    assert both == [marks[0], passed_mark(**r.ids, half="term", address=uri)], both
    r.send(uri, "term", both)
    r.is_a_loop()


@test
def a_spiral_is_no_loop(world):
    world.attached()
    r = Round(world)
    carol = f"sip:carol@127.0.0.1:{r.bob.port}"
    r.send("sip:carol@example.com", "term")
    # called on behalf of carol: what she made of it has not been through her half
    marks = r.passes(TERMINATING, carol)
    assert marks == [passed_mark(**r.ids, half="term", address="sip:carol@example.com")]
    r.send(carol, "term", marks)
    assert len(r.passes(TERMINATING)) == 2
    # who calls has nothing more to say about what his half made of it
    r.send("sip:carol@EXAMPLE.com", "orig")
    marks = r.passes(ORIGINATING, carol)
    r.send(carol, "orig", marks)
    r.is_a_loop()


@test
def a_forged_or_a_foreign_mark_counts_nothing(world):
    world.attached()
    r = Round(world)
    uri = bob_at(r.bob)
    good = passed_mark(**r.ids, half="orig", address=uri)
    others = ["orig;mark=" + "0" * 32, good[:-1], good + "0", "orig", "", ",,;mark=" + good[-32:], "term" + good[4:],
              passed_mark("another", r.ids["from_tag"], "orig", uri), passed_mark(r.ids["call_id"], "another", "orig", uri),
              passed_mark(**r.ids, half="orig", address=uri, instance="another")]
    r.send(uri, "orig", others)
    assert len(r.passes(ORIGINATING)) >= len(others)
    r.send(uri, "orig", [good])
    r.is_a_loop()
    # of a handset not even the good one
    r.peer.to = ("127.0.0.1", world.handset)
    r.send(uri, "orig", [good])
    r.passes(ORIGINATING)


@test
def a_request_within_a_dialog_is_no_loop(world):
    sidecar = world.attached()
    r = Round(world)
    mark = passed_mark(**r.ids, half="orig", address=OURS)
    r.peer.request("MESSAGE", OURS, [f"P-Im-Passed: {mark}"], to_tag="there", **r.ids)
    sidecar.reply(sidecar.wait("request").transaction, 1, 200)
    assert r.peer.final().code == 200


@test
def a_handset_is_not_told_what_was_passed(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()
    peer.request("MESSAGE", OURS, ["X-Unmark: 1", "P-Im-Passed: orig;mark=1", "p-im-passed: x", "X-Kept: 1"])
    relay(world, sidecar.wait("request"), bob, headers=[("X-New", "1")])
    came = bob.incoming("MESSAGE")
    assert not came.all("P-Im-Passed") and came.all("X-Kept") == ["1"] == came.all("X-New"), came.headers
    answer(bob, came, 200)
    assert peer.final().code == 200


@test
def a_request_of_ours_comes_up_once_for_who_is_called(world):
    sidecar, bob = world.attached(), world.peer()
    action = originate(world, bob.port, next_hop="", uri=bob_at(bob), terminating=True, headers=[("X-Up", "1")])
    request = sidecar.wait("request")
    assert request.trusted and request.session_case == TERMINATING and request.uri == action["uri"]
    relay(world, request, bob, TERMINATING, uri="")
    came = bob.incoming("MESSAGE")
    assert not came.all("Route") and len(came.all("P-Im-Passed")) == 1, came.headers
    answer(bob, came, 200)
    response = sidecar.wait("response")
    assert (response.action_key, response.code) == (action["action_key"], 200)


@test
def many_are_passed_on_and_nothing_of_them_stays(world):
    sidecar, peer, bob = world.attached(), world.peer(), world.peer()

    def pass_on(count):
        for i in range(count):
            peer.request("MESSAGE", OURS, ["X-Gone: 1"])
            relay(world, sidecar.wait("request"), bob, remove_headers=["X-Gone"],
                  headers=[("X-Number", str(i)), ("X-Large", "x" * 4000)])
            answer(bob, bob.incoming("MESSAGE"), 200)
            assert peer.final().code == 200
        world.kamailio.wait_status(lambda s: s["held"] == 0)
        # wt_timer of tm
        peer.silent(lambda m: True, 6.5)
        return int(world.kamailio.rpc("core.shmmem")["used"])

    before = pass_on(20)
    after = pass_on(300)
    assert after - before < 300 * 1000, (before, after)
