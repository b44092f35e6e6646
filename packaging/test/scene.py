#!/usr/bin/env python3
"""scene.py IMCLIENT FOLDER: a group chat that lasts longer than one release. It writes a line for each thing that is as it should
be and ends with 1 at the first that is not; between the two acts it waits for the file FOLDER/upgraded.
"""
import json
import os
import queue
import subprocess
import sys
import threading
import time

CLIENT, FOLDER = sys.argv[1:3]
FACTORY = "sip:conf-factory@im.example.com"


class Handset:
    """imclient handset: commands in, events out."""

    def __init__(self, user):
        self.user, self.events, self.seen = user, queue.Queue(), []
        self.process = subprocess.Popen(
            ["dotnet", CLIENT, "handset", "--user", user, "--password", "demo", "--proxy", "127.0.0.1:5060"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def do(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def until(self, names, seconds=20, **wanted):
        """The next event of one of these names with those values."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                event = self.events.get(timeout=left)
            except queue.Empty:
                break
            self.seen.append(event)
            if event["event"] in names.split() and all(event.get(key) == value for key, value in wanted.items()):
                return event
        raise AssertionError(f"{self.user} waited for {names} {wanted}; saw {self.seen[-5:]}")

    def roster(self, seconds=20):
        """Waits for a roster; yields who is in it, each time it is told."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            event = self.until("notify", deadline - time.monotonic())
            yield {line["user"].split("@")[0].removeprefix("sip:")
                   for line in event["roster"] if line.get("status") == "connected"}


def watches(handset, wanted, seconds=20):
    seen = None
    for seen in handset.roster(seconds):
        if seen == wanted:
            return
    raise AssertionError(f"{handset.user} is told of {seen} instead of {wanted}")


def talk(speaker, others, text, seconds=20):
    """Says it, again while there is no connection, until it is taken; everybody hears it."""
    deadline = time.monotonic() + seconds
    while True:
        speaker.do("say " + text)
        event = speaker.until("sent error", 35)
        if event.get("status") == 200 or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert event.get("status") == 200, f"{speaker.user} said {text}: {event}"
    for other in others:
        other.until("message", text=text)


def settle(handset, command, event, seconds=10):
    """A command that needs the call may come a moment before the handset has taken note of it."""
    deadline = time.monotonic() + seconds
    while True:
        handset.do(command)
        said = handset.until(event + " error")
        if said["event"] == event or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    assert said["event"] == event and said.get("status", 200) < 300, f"{handset.user}: {command}: {said}"


def say(text):
    print("ok " + text, flush=True)


def act_one(alice, bob, carol):
    for each in (alice, bob, carol):
        each.until("ready")
        each.do("register 600")
        each.until("registered", status=200)
    say("handsets register at the packaged Kamailio")
    alice.do(f"group {FACTORY} sip:bob@example.com,sip:carol@example.com Lunch")
    for each in (bob, carol):
        each.until("incoming")
        each.do("accept")
    for each in (alice, bob, carol):
        each.until("connected")
    settle(alice, "subscribe", "subscribed")
    watches(alice, {"alice", "bob", "carol"})
    say("a group of three is set up, its roster told")
    talk(alice, [bob, carol], "before the upgrade")
    say("what is said reaches everybody")


def act_two(alice, bob, carol, dave):
    talk(bob, [alice, carol], "after the upgrade", 40)
    talk(alice, [bob, carol], "still here", 40)
    say("what is said after the upgrade reaches everybody, in the session of before")
    dave.until("ready")
    dave.do("register 600")
    dave.until("registered", status=200)
    settle(alice, "refer sip:dave@example.com", "refer")
    dave.until("incoming")
    dave.do("accept")
    dave.until("connected")
    watches(alice, {"alice", "bob", "carol", "dave"})
    say("a fourth is added after the upgrade")
    settle(bob, "bye", "bye")
    watches(alice, {"alice", "carol", "dave"})
    say("who leaves is answered, and the watcher of before is told")
    for each in (carol, dave, alice):
        each.do("violations")
        found = each.until("violations")
        assert found["count"] == 0, found
    say("no handset has seen a violation of the specifications")


def main():
    people = {name: Handset(name) for name in ("alice", "bob", "carol", "dave")}
    alice, bob, carol, dave = people.values()
    try:
        act_one(alice, bob, carol)
        open(f"{FOLDER}/waiting", "w", encoding="utf-8").close()
        until = time.monotonic() + 120
        while not os.path.exists(f"{FOLDER}/upgraded"):
            assert time.monotonic() < until, "nobody upgraded within two minutes"
            time.sleep(0.1)
        act_two(alice, bob, carol, dave)
    except (AssertionError, BrokenPipeError) as wrong:
        print(f"not ok {wrong}", flush=True)
        sys.exit(1)
    finally:
        for each in people.values():
            each.process.kill()


main()
