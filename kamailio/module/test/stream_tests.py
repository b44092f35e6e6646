# The stream: lost, frozen, refused, attached again.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import signal
import subprocess
import sys
import time

from kamailio import Kamailio
from sidecar import Sidecar
from sip_gateway_pb2 import Confirm, Pause, SipAction
from world import OURS, test


@test
def bytes_that_are_no_batch_start_the_stream_anew(world):
    sidecar, peer = world.attached(), world.peer()
    streams = sidecar.streams
    sidecar.raw(b"\xff\xff\xff")
    sidecar.wait_streams(streams + 1)
    world.kamailio.wait_status(lambda s: s["attached"] == 1)
    peer.request("MESSAGE", OURS)
    request = sidecar.wait("request")
    sidecar.reply(request.transaction, 1, 200)
    assert peer.final().code == 200


@test
def a_frozen_link_holds_nobody_up(world):
    """Workers see that it does not beat; what waited in its pipe gets its answer when it goes on."""
    sidecar, peer = world.attached(), world.peer()
    link = next(p["PID"] for p in world.kamailio.rpc("core.psx") if "IM sidecar link" in p["DSC"])
    os.kill(link, signal.SIGSTOP)
    try:
        peer.request("MESSAGE", OURS, from_tag="early")
        time.sleep(1.3)
        begin = time.monotonic()
        peer.request("MESSAGE", OURS, from_tag="late")
        refused = peer.final()
        assert refused.code == 503 and refused.tag("From") == "late" and time.monotonic() - begin < 0.5
    finally:
        os.kill(link, signal.SIGCONT)
    world.kamailio.wait_status(lambda s: s["attached"] == 1)
    early = peer.receive(lambda m: m.code == 503, 1)
    if not early:
        request = sidecar.wait("request")
        sidecar.reply(request.transaction, 1, 200)
        early = peer.final()
    assert early.tag("From") == "early"


@test
def unconfirmed_events_come_again(world):
    sidecar = world.attached(confirm=False)
    peer = world.peer()
    peer.request("MESSAGE", OURS)
    first = sidecar.wait_event("request")
    sidecar.reply(first.request.transaction, 1, 200)
    sent = sidecar.wait_event("reply_sent")
    assert sent.sequence == first.sequence + 1, (first.sequence, sent, sidecar.events)
    peer.final()
    boot = sidecar.hellos[0].boot_id
    world.detach()
    peer.request("REGISTER", "sip:example.com", ["Contact: <sip:a@127.0.0.1>"], to_uri="sip:a@example.com")
    peer.final()
    sidecar = world.attached()
    assert sidecar.wait_event("reply_sent").sequence == sent.sequence
    assert sidecar.wait_event("registration").sequence == sent.sequence + 1
    assert sidecar.hellos[0].boot_id == boot and sidecar.hellos[0].protocol_version == 1
    assert {(s.transport, s.port) for s in sidecar.hellos[0].sockets} == {
        (t, p) for t in ("udp", "tcp") for p in (world.handset, world.core)}
    world.kamailio.wait_status(lambda s: s["unconfirmed"] == 0)
    # its transaction is over: who got 503 may not be taken for a new caller
    assert "request" not in sidecar.names()


def is_refused(peer, sidecar):
    """A new request: True if Kamailio answers 503 by itself, False if it goes up."""
    peer.request("MESSAGE", OURS)
    while not (answer := peer.receive(lambda m: m.code and m.code >= 200, 0.02)):
        if "request" in sidecar.names():
            sidecar.reply(sidecar.wait("request").transaction, 1, 200)
    return answer.code == 503


@test
def a_pause_refuses_what_is_outside_a_dialog_and_ends(world):
    sidecar, peer = world.attached(), world.peer()
    refused = world.kamailio.status()["refused"]
    sidecar.act(SipAction(pause=Pause(milliseconds=60000)))  # a second at most
    while not is_refused(peer, sidecar):
        pass
    begun = time.monotonic()
    peer.request("INFO", OURS, to_tag="t")
    sidecar.reply(sidecar.wait("request").transaction, 1, 200)
    assert peer.final().code == 200
    while is_refused(peer, sidecar):
        time.sleep(0.02)
    assert time.monotonic() - begun < 3
    assert world.kamailio.status()["refused"] > refused


@test
def a_full_store_refuses_new_requests(world):
    sidecar = world.attached(confirm=False)
    peer = world.peer()
    codes = []
    for _ in range(120):
        peer.request("MESSAGE", OURS)
        answer = peer.receive(lambda m: m.code == 503, 0.005)
        if answer:
            break
        try:
            request = sidecar.wait("request", timeout=1)
        except AssertionError:
            break
        sidecar.reply(request.transaction, 1, 200)
        sidecar.wait("reply_sent")
        codes.append(peer.final().code)
    assert 90 <= len(codes) <= 101, len(codes)
    peer.drain()
    peer.request("MESSAGE", OURS)
    assert peer.final().code == 503
    sidecar.confirm = True
    sidecar.act(SipAction(confirm=Confirm(sequence=int(world.kamailio.status()["sequence"]))))
    world.kamailio.wait_status(lambda s: s["unconfirmed"] == 0)
    peer.request("MESSAGE", OURS)
    sidecar.reply(sidecar.wait("request").transaction, 1, 200)
    assert peer.final().code == 200


@test
def wrong_version_is_not_attached(world):
    world.detach()
    world.sidecar = sidecar = Sidecar(world.target, version=99)
    sidecar.wait_streams(1)
    sidecar.wait_streams(2, 8)
    assert world.kamailio.status()["attached"] == 0
    world.sidecar.stop()
    world.sidecar = None


@test
def domains_stay_when_the_sidecar_goes(world):
    world.attached()
    assert world.kamailio.rpc("im_sidecar.domains") == ["im.example.com"]
    world.detach()
    assert world.kamailio.rpc("im_sidecar.domains") == ["im.example.com"]
    peer = world.peer()
    peer.request("MESSAGE", OURS)
    assert peer.final().start == "SIP/2.0 503 No Sidecar"
    peer.request("MESSAGE", f"sip:x@127.0.0.1:{peer.port}")
    assert peer.incoming("MESSAGE")


def silent_sidecar(world):
    """A sidecar in a process of its own that answers nothing; attached."""
    world.detach()
    here = os.path.dirname(os.path.abspath(__file__))
    env = {**os.environ, "PYTHONPATH": os.path.dirname(sys.modules["sip_gateway_pb2"].__file__)}
    child = subprocess.Popen([sys.executable, "-B", os.path.join(here, "sidecar.py"), world.target],
                             stdout=subprocess.PIPE, text=True, env=env)
    assert child.stdout.readline() == "attached\n"
    world.kamailio.wait_status(lambda s: s["attached"] == 1)
    return child


@test
def frozen_sidecar_is_found(world):
    child = silent_sidecar(world)
    try:
        peer = world.peer()
        peer.request("INVITE", OURS)
        assert child.stdout.readline() == "request\n"
        child.send_signal(signal.SIGSTOP)
        assert peer.final(6).code == 503
        assert world.kamailio.status()["attached"] == 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@test
def killed_sidecar_means_503_at_once(world):
    child = silent_sidecar(world)
    try:
        peers = [world.peer() for _ in range(20)]
        for peer in peers:
            peer.request("MESSAGE" if peer is not peers[0] else "INVITE", OURS)
        for _ in peers:
            assert child.stdout.readline() == "request\n"
        assert world.kamailio.status()["held"] == 20
        begin = time.monotonic()
        child.kill()
        for peer in peers:
            answer = peer.final(1.0)
            assert answer.code == 503 and answer.get("Retry-After") == "7", answer.headers
        assert time.monotonic() - begin < 1.0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    peers[0].request("MESSAGE", OURS)
    assert peers[0].final().code == 503
    # it attaches again by itself and learns what has ended
    sidecar = world.attached()
    ended = [sidecar.wait("transaction_ended") for _ in range(20)]
    assert all((e.ordinal, e.code) == (0, 503) for e in ended)
    peers[1].request("MESSAGE", OURS)
    requests = {e.transaction for e in ended}
    request = sidecar.wait("request", lambda r: r.transaction not in requests)
    sidecar.reply(request.transaction, 1, 200)
    assert peers[1].final().code == 200


@test
def nothing_is_left(world):
    status = world.kamailio.wait_status(lambda s: s["held"] == 0 and s["awaiting_ack"] == 0 and s["queued"] == 0, 10)
    assert status["waiting_for_window"] == 0 and status["lost_events"] == "0", status


@test
def a_sidecar_that_is_not_there_is_told_of_once_with_the_reason(world):
    world.attached()
    line = f"no stream to the sidecar: {world.target} cannot be reached: "
    before = world.kamailio.log_text().count(line)
    world.detach()
    world.kamailio.wait_log(line, before + 1)
    time.sleep(2.5)
    told = world.kamailio.log_text().split(line)
    assert len(told) == before + 2, "it is told each second"
    assert told[-1].startswith(("No such file or directory", "Connection refused")), told[-1][:80]


TLS_FILES = ("tls_ca", "tls_certificate", "tls_key")


def kamailio_with_tls(world, name):
    """Another Kamailio, not started, whose sidecar would be at a port where nobody listens; and its PEM files, which fit."""
    folder = os.path.join(world.folder, name)
    os.mkdir(folder)
    other = Kamailio(folder, world.kamailio.build)
    files = [os.path.join(folder, each) for each in TLS_FILES]
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=kamailio", "-days", "2",
                    "-keyout", files[2], "-out", files[1]], check=True, capture_output=True)
    shutil.copy(files[1], files[0])
    lines = ['modparam("im_sidecar", "target", "ipv4:127.0.0.1:9")']
    lines += [f'modparam("im_sidecar", "{each}", "{folder}/{each}")' for each in TLS_FILES]
    with open(other.config) as file:
        text = file.read().replace(f'modparam("im_sidecar", "target", "unix:{folder}/gateway.sock")', "\n".join(lines))
    with open(other.config, "w") as file:
        file.write(text)
    return other, files


@test
def a_file_of_TLS_that_is_no_PEM_ends_the_start(world):
    other, files = kamailio_with_tls(world, "no-pem")
    with open(files[2], "w") as file:
        file.write("Bag Attributes\n-----BEGIN CERTIFICATE-----\n")
    ended = subprocess.run(["kamailio", "-DD", "-E", "-f", other.config, "-Y", other.folder, "-m", "64", "-M", "16"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    assert ended.returncode != 0
    assert f"parameter tls_key: '{files[2]}' holds no PEM block of a PRIVATE KEY" in ended.stdout, ended.stdout[-400:]


@test
def a_file_of_TLS_that_is_just_being_written_leaves_what_was_read(world):
    """Without authorities of ours every public one would be believed."""
    other, files = kamailio_with_tls(world, "empty")
    other.start()
    try:
        other.wait_log("no stream to the sidecar: ipv4:127.0.0.1:9 cannot be reached")
        os.truncate(files[0], 0)
        other.wait_log("is not whole or cannot be read, what was read before holds")
    finally:
        assert other.stop()
