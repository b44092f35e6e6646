# Several sidecars: who gets what, and what becomes of it when one goes.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import itertools
import time

from sidecar import Sidecar
from sip import unique
from sip_gateway_pb2 import ClusterNode, Confirm, NodeTable, Pause, Redirect, SipAction
from world import OURS, test

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_versions = itertools.count(1)
SLOTS = 1024


def slot_of(text):
    value = 2166136261
    for each in text.encode():
        value = (value ^ each) * 16777619 & 0xffffffff
    return value % SLOTS


def call_id_of(slot):
    """A Call-ID that falls into that slot."""
    return next(text for text in (f"{unique('c')}-{i}" for i in itertools.count()) if slot_of(text) == slot)


def identity_of(slot, prefix=""):
    return f"sip:{prefix}{'a' * 24}{ALPHABET[slot // 32]}{ALPHABET[slot % 32]}@im.example.com"


def key_of(slot, name):
    return f"{'a' * 24}{ALPHABET[slot // 32]}{ALPHABET[slot % 32]}/{name}/MESSAGE/1"


def table(owners, *nodes, version=None):
    """owners: by slot the place of its node among (name, target)."""
    wire = bytes(owners(slot) for slot in range(SLOTS))
    return SipAction(nodes=NodeTable(version=version or next(_versions), owners=wire,
                                     nodes=[ClusterNode(name=name, target=target) for name, target in nodes]))


class Pair:
    """Two sidecars, a and b; b is learned from the table that a sends. The lower half of the slots is a's."""

    def __init__(self, world, **options):
        world.detach()
        self.world, self.kamailio = world, world.kamailio
        self.second = f"unix:{world.folder}/second.sock"
        self.a = world.sidecar = Sidecar(world.target, node="a", **options)
        self.b = None
        self.a.wait_streams(1)
        self.kamailio.wait_status(lambda s: s["attached"] == 1)
        self.start_b(**options)
        self.tell()
        self.wait_nodes(lambda nodes: nodes.get("b", {}).get("slots") == 512 and nodes["a"]["slots"] == 512)

    def start_b(self, target=None, **options):
        self.b = Sidecar(target or self.second, node="b", domains=("im.example.com", "second.example.com"), **options)

    def tell(self, owners=lambda slot: slot // 512, by=None, version=None):
        (by or self.a).act(table(owners, ("a", self.world.target), ("b", self.second), version=version))

    def nodes(self):
        return {each["name"]: each for each in self.kamailio.rpc("im_sidecar.nodes")}

    def wait_nodes(self, wanted, timeout=6.0):
        until = time.monotonic() + timeout
        while not wanted(nodes := self.nodes()):
            assert time.monotonic() < until, f"nodes stay {nodes}"
            time.sleep(0.02)
        return nodes

    def confirm_all(self):
        """By a, from now on."""
        self.a.confirm = True
        self.a.act(SipAction(confirm=Confirm(sequence=int(self.nodes()["a"]["sequence"]))))

    def stop_b(self):
        if self.b:
            self.b.stop()
            self.b = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """The next test has one sidecar again, whose table names nobody else."""
        self.stop_b()
        if self.a:
            self.a.confirm = True
            self.a.act(table(lambda slot: 0, ("a", self.world.target)))
            self.wait_nodes(lambda nodes: list(nodes) == ["a"], 10)
        self.world.detach()


def redirect(sidecar, to, stage=b"", **what):
    sidecar.act(SipAction(redirect=Redirect(node=to, stage=stage, **what)))


def answer(sidecar, request, code=200, **fields):
    sidecar.reply(request.transaction, 1, code, **fields)


@test
def each_request_goes_to_the_owner_of_its_slot(world):
    with Pair(world) as pair:
        peer = world.peer()
        for sidecar, slot in ((pair.a, 3), (pair.b, 1000), (pair.a, 511), (pair.b, 512)):
            peer.request("MESSAGE", OURS, call_id=call_id_of(slot))
            answer(sidecar, sidecar.wait("request"))
            assert peer.final().code == 200 and sidecar.wait("reply_sent")
        # an identity of ours counts more than the Call-ID
        for uri in (identity_of(1000), identity_of(1000, "xd-"), identity_of(1000).replace("@", "-more@")):
            peer.request("MESSAGE", uri, call_id=call_id_of(3))
            answer(pair.b, pair.b.wait("request"))
            assert peer.final().code == 200
        assert not [n for n in pair.a.names() + pair.b.names() if n == "request"]
        assert pair.kamailio.rpc("im_sidecar.domains") == ["im.example.com", "second.example.com"]


@test
def what_follows_an_answer_goes_by_the_slot_that_it_names(world):
    with Pair(world) as pair:
        peer = world.peer()
        dialog = {"call_id": call_id_of(3), "from_tag": unique("f")}
        peer.request("INVITE", OURS, (), b"v=0\r\n", **dialog)
        request = pair.a.wait("request")
        answer(pair.a, request, slot=1 + 1000)
        accepted = peer.reply(200)
        # slot 1000 is b's; what was told before is confirmed, so nothing is overtaken
        assert pair.b.wait("reply_sent").transaction == request.transaction
        peer.request("ACK", OURS, to_tag=accepted.tag("To"), **dialog)
        assert pair.b.wait("acknowledged").transaction == request.transaction


@test
def an_answer_to_a_request_of_ours_goes_to_the_owner_of_its_key(world):
    with Pair(world) as pair:
        peer = world.peer()
        pair.a.originate(action_key=key_of(1000, "x"), method="MESSAGE", uri=f"sip:x@127.0.0.1:{peer.port}",
                         **{"from": "<sip:a@im.example.com>"}, from_tag="f", to="<sip:x@example.com>",
                         call_id=unique("c"), cseq=1, done_mark=True)
        peer.answer(peer.incoming("MESSAGE"), 200, to_tag="t")
        assert pair.b.wait("response").code == 200


@test
def a_redirected_request_carries_its_stage(world):
    with Pair(world) as pair:
        peer = world.peer()
        peer.request("INVITE", OURS, (), b"v=0\r\n", call_id=call_id_of(3))
        first = pair.a.wait("request")
        redirect(pair.a, "b", b"\x01\x00stage", transaction=first.transaction)
        second = pair.b.wait("request")
        assert second.stage == b"\x01\x00stage" and second.redirects == 1 and first.redirects == 0
        second.stage, second.redirects = b"", 0
        assert second == first
        pair.wait_nodes(lambda nodes: nodes["b"]["held"] == 1 and nodes["a"]["held"] == 0 and nodes["a"]["redirected"] == "1")
        # a has it no more: what it says about it is too late
        redirect(pair.a, "b", transaction=first.transaction)
        pair.b.none("request", lambda r: True, 0.2)
        answer(pair.b, second, 486)
        assert peer.final().code == 486
        assert pair.b.wait("reply_sent").code == 486


@test
def who_was_redirected_once_is_found_at_once(world):
    with Pair(world) as pair:
        peer = world.peer()
        user, stranger = (f"sip:{unique('u')}@im.example.com" for _ in range(2))

        def send(uri):
            peer.request("MESSAGE", uri, call_id=call_id_of(3))

        send(user)
        redirect(pair.a, "b", transaction=pair.a.wait("request").transaction, slot=1 + 1000)
        answer(pair.b, pair.b.wait("request"))
        assert peer.final().code == 200
        send(user)
        request = pair.b.wait("request")
        assert request.redirects == 0
        answer(pair.b, request)
        assert peer.final().code == 200
        # what follows a decision says nothing of where the next one begins, and nothing is said of another
        for stage, slot in ((b"terminating", 1 + 3), (b"", 0)):
            send(user)
            redirect(pair.b, "a", stage, transaction=pair.b.wait("request").transaction, slot=slot)
            answer(pair.a, pair.a.wait("request"))
            assert peer.final().code == 200
        send(user)
        answer(pair.b, pair.b.wait("request"))
        assert peer.final().code == 200
        send(stranger)
        answer(pair.a, pair.a.wait("request"))
        assert peer.final().code == 200


@test
def a_request_that_nobody_wants_gets_503(world):
    with Pair(world) as pair:
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        for i in range(5):
            sidecar, other = (pair.a, "b") if i % 2 == 0 else (pair.b, "a")
            request = sidecar.wait("request")
            assert request.redirects == i
            redirect(sidecar, other, transaction=request.transaction)
        assert peer.final().code == 503
        assert pair.a.wait("transaction_ended").code == 503
        # to itself: ignored
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        request = pair.a.wait("request")
        redirect(pair.a, "a", transaction=request.transaction)
        redirect(pair.a, "b", transaction=request.transaction)
        answer(pair.b, pair.b.wait("request"))
        assert peer.final().code == 200


@test
def a_request_waits_for_a_sidecar_that_is_away(world):
    with Pair(world) as pair:
        pair.stop_b()
        pair.wait_nodes(lambda nodes: not int(nodes["b"]["attached"]))
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(1000))
        redirect(pair.a, "b", b"stage", transaction=pair.a.wait("request").transaction)
        pair.a.none("request", lambda r: True, 0.5)
        pair.start_b()
        request = pair.b.wait("request")
        assert request.stage == b"stage" and request.redirects == 1
        answer(pair.b, request)
        assert peer.final().code == 200


@test
def a_request_comes_back_when_its_owner_was_replaced_by_the_sender(world):
    with Pair(world) as pair:
        pair.stop_b()
        pair.wait_nodes(lambda nodes: not int(nodes["b"]["attached"]))
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(1000))
        redirect(pair.a, "b", transaction=pair.a.wait("request").transaction)
        pair.tell(lambda slot: 0)
        answer(pair.a, pair.a.wait("request"))
        assert peer.final().code == 200


@test
def a_redirected_event_goes_to_the_other_and_comes_once(world):
    with Pair(world, confirm=False) as pair:
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        request = pair.a.wait("request")
        answer(pair.a, request)
        sent = pair.a.wait_event("reply_sent")
        redirect(pair.a, "b", sequence=sent.sequence + 1000)
        redirect(pair.a, "b", sequence=sent.sequence)
        again = pair.b.wait_event("reply_sent")
        assert again.reply_sent == sent.reply_sent and again.sequence > sent.sequence
        nodes = pair.wait_nodes(lambda n: n["b"]["unconfirmed"] == 1)
        assert nodes["a"]["unconfirmed"] == 1  # the request
        # the end is known until b confirms it, whatever a does
        pair.a.act(SipAction(confirm=Confirm(sequence=sent.sequence)))
        pair.wait_nodes(lambda n: n["a"]["unconfirmed"] == 0)
        answer(pair.b, request)
        assert pair.b.wait("reply_sent", timeout=1).code == 200
        pair.b.confirm = True
        pair.b.act(SipAction(confirm=Confirm(sequence=int(pair.nodes()["b"]["sequence"]))))
        pair.wait_nodes(lambda n: n["b"]["unconfirmed"] == 0)


@test
def an_event_redirected_to_one_that_is_gone_comes_back_to_the_owner(world):
    with Pair(world, confirm=False) as pair:
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        answer(pair.a, pair.a.wait("request"))
        sent = pair.a.wait_event("reply_sent")
        pair.stop_b()
        pair.kamailio.wait_status(lambda s: s["attached"] == 1)
        pair.tell(owners=lambda slot: 0)
        # a has decided before it heard of the table that it sent
        redirect(pair.a, "b", sequence=sent.sequence)
        again = pair.a.wait_event("reply_sent")
        assert again.reply_sent == sent.reply_sent and again.sequence > sent.sequence
        pair.confirm_all()


@test
def an_event_waits_for_one_that_only_the_table_names(world):
    with Pair(world, confirm=False) as pair:
        peer, third = world.peer(), f"unix:{world.folder}/third.sock"
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        answer(pair.a, pair.a.wait("request"))
        sent = pair.a.wait_event("reply_sent")
        pair.a.act(table(lambda slot: 2, ("a", world.target), ("b", pair.second), ("c", third)))
        redirect(pair.a, "c", sequence=sent.sequence)
        pair.b.none("reply_sent", lambda r: True, 0.5)
        c = Sidecar(third, node="c")
        try:
            assert c.wait_event("reply_sent").reply_sent == sent.reply_sent
        finally:
            c.stop()
        pair.confirm_all()


@test
def a_request_redirected_to_one_that_is_full_is_refused(world):
    with Pair(world) as pair:
        peer, other = world.peer(), world.peer()
        pair.b.confirm = False
        for number in range(210):
            other.request("ACK", identity_of(1000), ["X-By-Dialog: 1"], call_id="full", to_tag="t", cseq=number + 1)
        pair.wait_nodes(lambda nodes: nodes["b"]["unconfirmed"] >= 200)
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        redirect(pair.a, "b", transaction=pair.a.wait("request").transaction)
        refused = peer.final(1.0)
        assert refused.code == 503 and refused.get("Retry-After") == "7"
        pair.b.none("request", lambda r: True, 0.2)


@test
def the_end_of_a_redirected_request_goes_to_who_has_it(world):
    with Pair(world, confirm=False) as pair:
        peer = world.peer()
        dialog = {"call_id": call_id_of(3), "from_tag": unique("f"), "branch": "z9hG4bK" + unique()}
        peer.request("INVITE", OURS, (), b"v=0\r\n", **dialog)
        first = pair.a.wait("request")
        redirect(pair.a, "b", transaction=first.transaction)
        has = pair.b.wait_event("request")
        pair.b.act(SipAction(confirm=Confirm(sequence=has.sequence)))
        pair.wait_nodes(lambda n: n["b"]["unconfirmed"] == 0 and n["a"]["unconfirmed"] == 1)
        peer.request("CANCEL", OURS, **dialog)
        assert pair.b.wait("cancelled").transaction == first.transaction
        pair.confirm_all()


@test
def a_lost_node_leaves_its_events_to_the_other_in_order(world):
    with Pair(world) as pair:
        pair.b.confirm = False
        peer, held = world.peer(), world.peer()
        for number in range(8):
            peer.request("REGISTER", "sip:example.com", ["Contact: <sip:u@127.0.0.1>"], to_uri="sip:u@example.com",
                         call_id="order", cseq=number + 1)
            peer.final()
        first = pair.a if slot_of("sip:u@example.com") < 512 else pair.b
        if first is pair.a:
            assert [pair.a.wait("registration").cseq for _ in range(8)] == list(range(1, 9))
        held.request("INVITE", OURS, call_id=call_id_of(1000))
        transaction = pair.b.wait("request").transaction
        for number in range(8):
            held.request("ACK", identity_of(1000), ["X-By-Dialog: 1"], call_id="unknown", to_tag="t", cseq=number + 1)
            assert pair.b.wait("acknowledged").dialog.cseq == number + 1
        pair.stop_b()
        # who waited for it is told at once, and the other learns of it
        refused = held.final(1.0)
        assert refused.code == 503 and refused.get("Retry-After") == "7"
        assert [pair.a.wait("acknowledged").dialog.cseq for _ in range(8)] == list(range(1, 9))
        ended = pair.a.wait("transaction_ended")
        assert (ended.transaction, ended.code) == (transaction, 503)
        assert "request" not in pair.a.names()
        # nothing is refused: a gets what was b's
        assert pair.kamailio.status()["attached"] == 1
        peer.request("MESSAGE", OURS, call_id=call_id_of(1000))
        answer(pair.a, pair.a.wait("request"))
        assert peer.final().code == 200


@test
def an_event_does_not_overtake_one_of_its_slot(world):
    """b owns the slot now, but a has not confirmed what came before: it gets the next too, and hands on both."""
    with Pair(world) as pair:
        pair.a.confirm = False
        peer = world.peer()
        peer.request("ACK", identity_of(3), ["X-By-Dialog: 1"], call_id="moved", to_tag="t", cseq=1)
        first = pair.a.wait_event("acknowledged")
        pair.tell(lambda slot: 1)
        pair.wait_nodes(lambda nodes: nodes["b"]["slots"] == 1024)
        peer.request("ACK", identity_of(3), ["X-By-Dialog: 1"], call_id="moved", to_tag="t", cseq=2)
        second = pair.a.wait_event("acknowledged")
        redirect(pair.a, "b", sequence=first.sequence)
        redirect(pair.a, "b", sequence=second.sequence)
        assert [pair.b.wait("acknowledged").dialog.cseq for _ in range(2)] == [1, 2]
        peer.request("ACK", identity_of(3), ["X-By-Dialog: 1"], call_id="moved", to_tag="t", cseq=3)
        assert pair.b.wait("acknowledged").dialog.cseq == 3


@test
def the_newest_table_counts_whoever_sends_it(world):
    with Pair(world) as pair:
        old, new = next(_versions), next(_versions)
        pair.tell(lambda slot: 1, by=pair.b, version=new)
        pair.wait_nodes(lambda nodes: nodes["b"]["slots"] == 1024)
        pair.tell(lambda slot: 0, version=old)
        pair.tell(lambda slot: 255, version=new)
        time.sleep(0.3)
        assert pair.nodes()["b"]["slots"] == 1024
        pair.tell(lambda slot: 0 if slot == 3 else 255)
        pair.wait_nodes(lambda nodes: nodes["a"]["slots"] == 1 and nodes["b"]["slots"] == 0)
        peer = world.peer()
        # nobody owns them: one of the two gets them
        codes = []
        for slot in (100, 101, 3):
            peer.request("MESSAGE", OURS, call_id=call_id_of(slot))
            taker = pair.b if slot == 101 else pair.a
            answer(taker, taker.wait("request"))
            codes.append(peer.final().code)
        assert codes == [200] * 3


@test
def a_pause_is_of_one_node(world):
    with Pair(world) as pair:
        peer = world.peer()
        until = time.monotonic() + 5
        while True:
            pair.b.act(SipAction(pause=Pause(milliseconds=1000)))
            peer.request("MESSAGE", OURS, call_id=call_id_of(1000))
            got = peer.receive(lambda m: m.code, 0.05)
            if got:
                break
            assert time.monotonic() < until
            answer(pair.b, pair.b.wait("request"))
            assert peer.final().code == 200
        assert got.code == 503
        peer.request("MESSAGE", OURS, call_id=call_id_of(3))
        answer(pair.a, pair.a.wait("request"))
        assert peer.final().code == 200


@test
def a_pause_ends_with_the_stream(world):
    with Pair(world) as pair:
        pair.b.act(SipAction(pause=Pause(milliseconds=1000)))
        pair.stop_b()
        pair.wait_nodes(lambda nodes: not int(nodes["b"]["attached"]))
        pair.start_b()
        pair.wait_nodes(lambda nodes: int(nodes["b"]["attached"]))
        pair.b.act(SipAction(pause=Pause(milliseconds=1000)))
        pair.stop_b()
        pair.start_b()
        pair.wait_nodes(lambda nodes: int(nodes["b"]["attached"]))
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(1000))
        answer(pair.b, pair.b.wait("request"))
        assert peer.final().code == 200


@test
def one_that_attaches_over_another_target_replaces_itself(world):
    with Pair(world) as pair:
        third = f"unix:{world.folder}/third.sock"
        old, streams = pair.b, pair.b.streams
        pair.start_b(third)
        pair.a.act(table(lambda slot: slot // 512, ("a", world.target), ("c", third)))
        pair.b.wait_streams(1)
        pair.wait_nodes(lambda nodes: nodes["b"]["target"] == third and len(pair.kamailio.rpc("im_sidecar.nodes")) == 2)
        pair.second = third
        pair.tell()
        pair.wait_nodes(lambda nodes: nodes["b"]["slots"] == 512)
        time.sleep(1.5)
        assert old.streams == streams
        old.stop()
        peer = world.peer()
        peer.request("MESSAGE", OURS, call_id=call_id_of(1000))
        answer(pair.b, pair.b.wait("request"))
        assert peer.final().code == 200


@test
def one_that_the_table_leaves_out_gets_nothing_more(world):
    with Pair(world) as pair:
        pair.b.confirm = False
        peer = world.peer()
        peer.request("ACK", identity_of(1000), ["X-By-Dialog: 1"], call_id="out", to_tag="t", cseq=1)
        pair.b.wait("acknowledged")
        pair.a.act(table(lambda slot: 255, ("a", world.target)))
        assert pair.a.wait("acknowledged").dialog.call_id == "out"
        for slot in (1000, 1001):
            peer.request("MESSAGE", OURS, call_id=call_id_of(slot))
            answer(pair.a, pair.a.wait("request"))
            assert peer.final().code == 200
