# Requests that the sidecar originates.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import sip_gateway_pb2 as pb
from sip import unique
from world import OURS, test


def originate(world, port, tcp=False, **fields):
    """Originates towards a peer of ours; returns the action's fields."""
    action = dict(action_key=unique("key"), method="MESSAGE", uri=f"sip:bob@127.0.0.1:{port}",
                  next_hop=f"sip:127.0.0.1:{port}" + (";transport=tcp" if tcp else ""),
                  **{"from": "\"Conf\" <sip:conf-1@im.example.com>"}, from_tag=unique("g"), to="<sip:bob@example.com>",
                  call_id=unique("o"), cseq=3)
    action.update(fields)
    world.sidecar.originate(**action)
    return action


@test
def originated_message_and_its_answer(world):
    sidecar, bob = world.attached(confirm=False), world.peer()
    action = originate(world, bob.port, headers=[("Route", "<sip:127.0.0.1;lr>"), ("Content-Type", "text/plain")],
                       body=b"hi", to_tag="there")
    request = bob.incoming("MESSAGE")
    assert request.start == f"MESSAGE {action['uri']} SIP/2.0" and request.body == b"hi"
    assert request.get("From") == f"{action['from']};tag={action['from_tag']}"
    assert request.get("To") == "<sip:bob@example.com>;tag=there" and request.get("CSeq") == "3 MESSAGE"
    assert request.get("Call-ID") == action["call_id"] and request.all("Route") == ["<sip:127.0.0.1;lr>"]
    bob.to = ("127.0.0.1", int(request.get("Via").split(":")[1].split(";")[0]))
    bob.answer(request, 202, "Accepted", ["X-Answer: 1"], b"so")
    response = sidecar.wait("response")
    assert (response.action_key, response.code, response.reason, response.body, response.local) == (
        action["action_key"], 202, "Accepted", b"so", False)
    assert ("X-Answer", b"1") in [(h.name, h.value) for h in response.headers]
    # the key again: nothing goes out, the response comes again
    sidecar.originate(**action)
    assert sidecar.wait("response").code == 202
    bob.silent(lambda m: True, 0.3)
    # once both answers are confirmed nobody asks again, and the key is forgotten
    status = world.kamailio.wait_status(lambda s: s["keys"] > 0)
    sidecar.act(pb.SipAction(confirm=pb.Confirm(sequence=int(status["sequence"]))))
    world.kamailio.wait_status(lambda s: s["keys"] < status["keys"])
    world.detach()


@test
def answer_to_a_notify_comes_without_headers_unless_it_was_refused(world):
    sidecar, bob = world.attached(), world.peer()
    for code, names in ((200, []), (503, ["Retry-After"])):
        action = originate(world, bob.port, method="NOTIFY", next_hop="", to_tag="there",
                           headers=[("Route", f"<sip:127.0.0.1:{bob.port};lr>")])
        request = bob.incoming("NOTIFY")
        bob.to = ("127.0.0.1", via_port(request))
        bob.answer(request, code, "Reason", ["Retry-After: 7"], b"more")
        response = sidecar.wait("response")
        assert (response.action_key, response.code, response.reason) == (action["action_key"], code, "Reason")
        assert [h.name for h in response.headers if h.name == "Retry-After"] == names, response
        assert bool(response.headers) == bool(response.body) == bool(names), response


@test
def request_within_a_dialog_goes_past_the_core_socket_if_it_may(world):
    sidecar, bob = world.attached(), world.peer()
    here = f"<sip:127.0.0.1:{bob.port};lr>"
    # an IP address of somebody else: straight, and a NOTIFY still records the core socket
    originate(world, bob.port, method="NOTIFY", next_hop="", to_tag="there", headers=[("Route", here)])
    request = bob.incoming("NOTIFY")
    assert request.get("Via").count("SIP/2.0/UDP") == 1 and len(request.all("Via")) == 1
    assert request.all("Record-Route") == [f"<sip:127.0.0.1:{world.core};transport=tcp;lr>"], request.headers
    bob.to = ("127.0.0.1", via_port(request))
    bob.answer(request, 200)
    assert sidecar.wait("response").code == 200
    # ours, a strict router, outside a dialog: through the core socket, whose route relays it
    for fields in (dict(headers=[("Route", f"<sip:127.0.0.1:{world.core};lr>"), ("Route", here)]),
                   dict(headers=[("Route", f"<sip:127.0.0.1:{bob.port}>")]),
                   dict(to_tag="", headers=[("Route", here)])):
        originate(world, bob.port, **{"method": "NOTIFY", "next_hop": "", "to_tag": "there", **fields})
        request = bob.incoming("NOTIFY")
        assert len(request.all("Via")) == 2, request.headers
        bob.to = ("127.0.0.1", world.core)
        bob.answer(request, 200)
        assert sidecar.wait("response").code == 200
    # a name is left to the route, which has no DNS in this test
    originate(world, bob.port, method="NOTIFY", next_hop="", to_tag="there", headers=[("Route", "<sip:example.com;lr>")])
    assert sidecar.wait("response").code == 478


def via_port(message):
    return int(message.get("Via").split(":")[1].split(";")[0])


def ring_bob(world, **fields):
    """An INVITE of ours that bob has received."""
    bob = world.peer()
    action = originate(world, bob.port, method="INVITE", headers=[("Contact", f"<{OURS}>"), ("Content-Type", "application/sdp")],
                       body=b"v=0\r\n", **fields)
    request = bob.incoming("INVITE")
    bob.to = ("127.0.0.1", via_port(request))
    return bob, action, request


def answer_to(sidecar, key):
    return sidecar.wait("response", lambda r: r.action_key == key)


@test
def invite_of_an_earlier_boot_is_acknowledged(world):
    """Kamailio restarted while bob rang: nobody here knows the INVITE that he answers."""
    sidecar, bob = world.attached(), world.peer()
    call, tag = unique("o"), unique("g")
    accepted = "\r\n".join([
        "SIP/2.0 200 OK", f"Via: SIP/2.0/TCP 127.0.0.1:{world.core};branch=z9hG4bKbefore", f"Call-ID: {call}",
        f"From: <sip:conf-1@im.example.com>;tag={tag}", "To: <sip:bob@example.com>;tag=b", "CSeq: 1 INVITE",
        f"Contact: <sip:bob@127.0.0.1:{bob.port}>", "Content-Length: 0", "", ""]).encode()
    bob.send(accepted)
    stray = sidecar.wait("response")
    assert (stray.action_key, stray.code, stray.local) == ("", 200, False)
    assert ("Call-ID", call.encode()) in [(h.name, h.value) for h in stray.headers]
    names = {"from": "<sip:conf-1@im.example.com>", "from_tag": tag, "to": "<sip:bob@example.com>", "to_tag": "b",
             "call_id": call, "cseq": 1}
    ack = dict(action_key=unique("ack"), invite_key=unique("key"), uri=f"sip:bob@127.0.0.1:{bob.port}",
               next_hop=f"sip:127.0.0.1:{bob.port}")
    sidecar.ack(**ack)
    assert answer_to(sidecar, ack["action_key"]).code == 481
    sidecar.ack(**ack, **names)
    sent = bob.incoming("ACK")
    assert (sent.get("Call-ID"), sent.get("CSeq"), sent.tag("From"), sent.tag("To")) == (call, "1 ACK", tag, "b")
    assert answer_to(sidecar, ack["action_key"]).code == 200
    # from now on the link knows it: a copy gets its ACK, another fork goes up by its key
    bob.send(accepted)
    assert bob.incoming("ACK").tag("To") == "b"
    bob.send(accepted.replace(b";tag=b\r", b";tag=c\r"))
    assert answer_to(sidecar, ack["invite_key"]).code == 200


@test
def originated_invite_forks_and_is_acknowledged(world):
    sidecar = world.attached()
    bob, action, request = ring_bob(world)
    key = action["action_key"]
    bob.answer(request, 180, "Ringing", to_tag="b1")
    assert sidecar.wait("response").code == 180
    bob.answer(request, 200, "OK", [f"Contact: <sip:bob@127.0.0.1:{bob.port}>"], b"sdp", to_tag="b1")
    response = sidecar.wait("response")
    assert response.code == 200 and response.body == b"sdp" and response.action_key == key
    # known without ACK: dropped
    bob.answer(request, 200, "OK", to_tag="b1")
    sidecar.none("response", lambda r: True, 0.3)
    ack = dict(action_key=unique("ack"), invite_key=key, uri=f"sip:bob@127.0.0.1:{bob.port}",
               next_hop=f"sip:127.0.0.1:{bob.port}", to_tag="b1", headers=[("X-Ack", "1")], body=b"more")
    sidecar.ack(**ack)
    first = bob.incoming("ACK")
    assert first.tag("To") == "b1" and first.get("CSeq") == "3 ACK" and first.body == b"more"
    assert first.get("Via") != request.get("Via") and first.get("Call-ID") == action["call_id"]
    # known with ACK: the ACK again, by the link itself
    bob.answer(request, 200, "OK", to_tag="b1")
    assert bob.incoming("ACK").get("X-Ack") == "1"
    # the action again: answered, and nothing on the wire
    assert sidecar.wait("response", lambda r: r.action_key == ack["action_key"]).code == 200
    sidecar.ack(**ack)
    assert sidecar.wait("response", lambda r: r.action_key == ack["action_key"]).code == 200
    bob.silent(lambda m: m.method == "ACK", 0.3)
    # a late fork is another Response of the same key
    bob.answer(request, 200, "OK", to_tag="b2")
    fork = sidecar.wait("response")
    assert fork.action_key == key and [h.value for h in fork.headers if h.name == "To"][0].endswith(b"tag=b2")
    sidecar.ack(**{**ack, "action_key": unique("ack"), "to_tag": "b2"})
    assert bob.incoming("ACK").tag("To") == "b2"
    sidecar.ack(**{**ack, "action_key": "stray", "to_tag": "b9"})
    stray = sidecar.wait("response", lambda r: r.action_key == "stray")
    assert (stray.action_key, stray.code, stray.local) == ("stray", 481, True)


@test
def originated_request_times_out(world):
    sidecar, bob = world.attached(), world.peer()
    action = originate(world, bob.port)
    response = sidecar.wait("response", timeout=5)
    assert (response.action_key, response.code, response.local) == (action["action_key"], 408, True)
    sidecar.originate(**action)
    assert sidecar.wait("response").local


@test
def ringing_invite_times_out_and_is_cancelled(world):
    sidecar = world.attached()
    bob, action, request = ring_bob(world, timeout_ms=1200)
    bob.answer(request, 180, to_tag="b")
    assert sidecar.wait("response").code == 180
    response = sidecar.wait("response", timeout=5)
    assert (response.code, response.local) == (408, True)
    assert bob.incoming("CANCEL").get("CSeq") == "3 CANCEL"


@test
def cancel_of_an_originated_invite(world):
    sidecar = world.attached()
    bob, action, request = ring_bob(world)
    bob.answer(request, 180, to_tag="b")
    sidecar.wait("response")
    sidecar.cancel("cancel-key", action["action_key"])
    cancel = bob.incoming("CANCEL")
    assert cancel.get("Via") == request.get("Via")
    assert answer_to(sidecar, "cancel-key").code == 200
    bob.answer(cancel, 200)
    bob.answer(request, 487, "Request Terminated", to_tag="b")
    assert sidecar.wait("response").code == 487
    assert bob.incoming("ACK").tag("To") == "b"
    # after a final response nothing happens
    sidecar.cancel("late", action["action_key"])
    sidecar.cancel("unknown", "no such key")
    assert answer_to(sidecar, "late").code == answer_to(sidecar, "unknown").code == 481
    bob.silent(lambda m: m.method == "CANCEL", 0.3)


@test
def cancel_before_any_answer(world):
    """RFC 3261 9.1: the CANCEL leaves when the first provisional answer has come."""
    sidecar = world.attached()
    bob, action, request = ring_bob(world)
    sidecar.cancel("c", action["action_key"])
    bob.silent(lambda m: m.method == "CANCEL", 0.3)
    bob.answer(request, 100)
    assert bob.incoming("CANCEL")
    bob.answer(request, 487, to_tag="b")
    assert answer_to(sidecar, action["action_key"]).code == 487


@test
def core_socket_mark_and_way_back(world):
    """Through Kamailio's own core socket: the mark keeps the request from coming back to us."""
    sidecar, bob = world.attached(), world.peer()
    action = originate(world, bob.port, next_hop="", uri=f"sip:bob@127.0.0.1:{bob.port}", done_mark=True)
    request = bob.incoming("MESSAGE")
    assert request.all("Route") == [] and len(request.all("Via")) == 2
    bob.to = ("127.0.0.1", via_port(request))
    bob.answer(request, 200, to_tag="b")
    assert sidecar.wait("response").code == 200
    # without the mark a URI of ours comes up as a request
    action = originate(world, bob.port, next_hop="", uri=OURS)
    request = sidecar.wait("request")
    assert request.trusted and request.received_on.transport == "tcp"
    sidecar.reply(request.transaction, 1, 404)
    assert sidecar.wait("response", lambda r: r.action_key == action["action_key"]).code == 404
    action = originate(world, bob.port, next_hop="", uri=OURS, done_mark=True)
    sidecar.none("request", lambda r: True, 0.3)


@test
def unreachable_and_too_large(world):
    sidecar = world.attached()
    # a TCP peer that refuses: the timer says so
    action = originate(world, 1, tcp=True)
    response = sidecar.wait("response", timeout=5)
    assert response.local and response.code in (408, 503)
    bob = world.peer()
    action = originate(world, bob.port, body=b"x" * 66000)
    response = sidecar.wait("response")
    assert (response.action_key, response.code, response.local) == (action["action_key"], 513, True)
    originate(world, world.core, next_hop="", uri=OURS, body=b"x" * 2_000_000)
    assert sidecar.wait("response").code == 513
    bob.silent(lambda m: True, 0.2)


@test
def many_large_requests_keep_within_the_window(world):
    sidecar = world.attached()
    count, body = 40, b"y" * 200_000
    keys = {originate(world, world.core, next_hop="", uri=OURS, body=body)["action_key"] for _ in range(count)}
    answered = set()
    for _ in range(count):
        request = sidecar.wait("request", timeout=10)
        assert len(request.body) == len(body)
        sidecar.reply(request.transaction, 1, 200)
    for _ in range(count):
        response = sidecar.wait("response", timeout=10)
        assert response.code == 200 and not response.local, response.code
        answered.add(response.action_key)
    assert answered == keys
    world.kamailio.wait_status(lambda s: s["waiting_for_window"] == 0)


@test
def peers_that_answer_nothing_hold_up_nobody(world):
    """More than a window of unanswered requests: what the workers have read is free a second later."""
    world.attached()
    bob, count = world.peer(), 30
    for _ in range(count):
        originate(world, bob.port, method="NOTIFY", next_hop="", to_tag="there", body=b"z" * 50_000, headers=[
            ("Route", f"<sip:127.0.0.1:{world.core};lr>"), ("Route", f"<sip:127.0.0.1:{bob.port};lr>")])
    came = set()
    while len(came) < count:
        came.add(bob.incoming("NOTIFY").get("Call-ID"))


@test
def fork_that_answers_after_tm_has_forgotten(world):
    sidecar = world.attached()
    bob, action, request = ring_bob(world)
    bob.answer(request, 200, "OK", to_tag="b1")
    sidecar.wait("response")
    sidecar.ack(action_key=unique("ack"), invite_key=action["action_key"], uri=action["uri"],
                next_hop=action["next_hop"], to_tag="b1")
    bob.incoming("ACK")
    # tm keeps its transaction for 5 s
    bob.silent(lambda m: True, 6)
    bob.answer(request, 200, "OK", to_tag="b1")
    assert bob.incoming("ACK").tag("To") == "b1"
    bob.answer(request, 200, "OK", to_tag="b2")
    assert answer_to(sidecar, action["action_key"]).code == 200
    sidecar.originate(**action)
    assert sidecar.wait("response").code == 200
    bob.silent(lambda m: m.method == "INVITE", 0.2)
