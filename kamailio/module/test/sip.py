# A SIP peer over a raw UDP or TCP socket, for tests.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import itertools
import os
import select
import socket
import time

_numbers = itertools.count(1)


def unique(prefix="u"):
    return f"{prefix}{os.getpid():x}{next(_numbers):x}{time.monotonic_ns() & 0xffffff:x}"


class Message:
    """One SIP message: start line, headers in order, body."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        self.start = lines[0]
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]

    @property
    def code(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else None

    @property
    def method(self):
        return None if self.code else self.start.split()[0]

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    def tag(self, name):
        value = self.get(name) or ""
        return value.split(";tag=", 1)[1].split(";")[0] if ";tag=" in value else ""

    def __repr__(self):
        return self.start


class Peer:
    """Sends to one address; keeps what it receives until somebody asks for it."""

    def __init__(self, to, tcp=False, port=0):
        self.to, self.tcp, self.buffer, self.inbox = to, tcp, b"", []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        if tcp:
            self.socket.connect(to)
        else:
            self.socket.bind(("127.0.0.1", port))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.host, self.port = self.socket.getsockname()

    def close(self):
        self.socket.close()

    def via(self, branch=None):
        return f"SIP/2.0/{'TCP' if self.tcp else 'UDP'} {self.host}:{self.port};rport;branch={branch or unique('z9hG4bK')}"

    def send(self, data):
        if self.tcp:
            self.socket.sendall(data)
        else:
            self.socket.sendto(data, self.to)

    def request(self, method, uri, headers=(), body=b"", call_id=None, cseq=1, from_tag=None, to_tag="",
                branch=None, from_uri="sip:alice@example.com", to_uri=None, content_type="application/sdp"):
        """Builds and sends a request; returns its text."""
        lines = [f"{method} {uri} SIP/2.0", f"Via: {self.via(branch)}", "Max-Forwards: 70",
                 f"From: <{from_uri}>;tag={from_tag or unique('f')}",
                 f"To: <{to_uri or uri}>" + (f";tag={to_tag}" if to_tag else ""),
                 f"Call-ID: {call_id or unique('c')}", f"CSeq: {cseq} {method}"]
        lines += headers
        if body:
            lines.append(f"Content-Type: {content_type}")
        lines.append(f"Content-Length: {len(body)}")
        data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        self.send(data)
        return data

    def answer(self, request, code, reason="x", headers=(), body=b"", to_tag=""):
        """Answers a request that came in."""
        lines = [f"SIP/2.0 {code} {reason}"]
        lines += [f"{n}: {v}" for n, v in request.headers if n.lower() in ("via", "record-route", "from", "call-id", "cseq")]
        to = request.get("To")
        lines.append("To: " + to + (f";tag={to_tag}" if to_tag and ";tag=" not in to else ""))
        lines += headers
        lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def _take_buffered(self):
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = int(Message(head + b"\r\n\r\n").get("Content-Length") or 0)
        if len(rest) < length:
            return None
        self.buffer = rest[length:]
        return Message(head + separator + rest[:length])

    def _pump(self, until):
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.socket], [], [], left)[0]:
            return False
        data = self.socket.recv(1 << 20)
        if not data:
            return False
        if not self.tcp:
            self.inbox.append(Message(data))
            return True
        self.buffer += data
        while message := self._take_buffered():
            self.inbox.append(message)
        return True

    def receive(self, wanted=lambda message: True, timeout=3.0):
        """The first message that is wanted, or None."""
        until = time.monotonic() + timeout
        while True:
            for i, message in enumerate(self.inbox):
                if wanted(message):
                    return self.inbox.pop(i)
            if not self._pump(until):
                return None

    def drain(self):
        """Forgets all that has come so far."""
        while self._pump(time.monotonic() + 0.02):
            pass
        self.inbox.clear()

    def reply(self, code, timeout=3.0):
        message = self.receive(lambda m: m.code == code, timeout)
        assert message, f"no {code}; waiting: {self.inbox}"
        return message

    def final(self, timeout=3.0):
        message = self.receive(lambda m: m.code and m.code >= 200, timeout)
        assert message, f"no final answer; waiting: {self.inbox}"
        return message

    def incoming(self, method, timeout=3.0):
        message = self.receive(lambda m: m.method == method, timeout)
        assert message, f"no {method}; waiting: {self.inbox}"
        return message

    def silent(self, wanted, seconds):
        """Nothing wanted arrives in that time."""
        message = self.receive(wanted, seconds)
        assert message is None, f"unexpected {message}"
