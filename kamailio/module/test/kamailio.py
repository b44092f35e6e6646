# Starts and stops the Kamailio of a test run.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import random
import re
import signal
import socket
import subprocess
import time

# What a healthy run never logs; the ends of processes at its stop are no news.
BAD = re.compile(r"CRITICAL(?!.*receive_fd)|BUG|segfault|core was|terminated by signal|diff len")


def free_port():
    """A port that is free for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            port = random.randrange(25000, 30000)
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Kamailio:
    def __init__(self, folder, build):
        self.folder, self.build, self.process = folder, build, None
        self.log_path = os.path.join(folder, "kamailio.log")
        here = os.path.dirname(os.path.abspath(__file__))
        self.handset, self.core = free_port(), free_port()
        with open(os.path.join(here, "kamailio.cfg")) as f:
            text = f.read()
        for name, value in (("BUILD", build), ("RUN", folder), ("HANDSET_PORT", self.handset), ("CORE_PORT", self.core)):
            text = text.replace(name, str(value))
        self.config = os.path.join(folder, "kamailio.cfg")
        with open(self.config, "w") as f:
            f.write(text)

    def start(self):
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            ["kamailio", "-DD", "-E", "-f", self.config, "-Y", self.folder, "-m", "128", "-M", "16"],
            stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder, start_new_session=True)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            self.check_alive()
            try:
                self.status()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("Kamailio does not start")

    def is_alive(self):
        return self.process.poll() is None

    def check_alive(self):
        assert self.is_alive(), f"Kamailio ended with {self.process.returncode}"

    def rpc(self, method, *params):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(self.folder, f"rpc-client-{os.getpid()}-{time.monotonic_ns()}")
        try:
            client.bind(path)
            client.settimeout(3)
            request = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}
            client.sendto(json.dumps(request).encode(), os.path.join(self.folder, "rpc.sock"))
            return json.loads(client.recv(65536))["result"]
        finally:
            client.close()
            if os.path.exists(path):
                os.unlink(path)

    def status(self):
        return self.rpc("im_sidecar.status")

    def wait_status(self, wanted, timeout=5.0):
        until = time.monotonic() + timeout
        while not wanted(status := self.status()):
            assert time.monotonic() < until, f"status stays {status}"
            time.sleep(0.02)
        return status

    def log_text(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def wait_log(self, text, times=1):
        until = time.monotonic() + 10
        while self.log_text().count(text) < times:
            assert time.monotonic() < until, f"the log does not say: {text}"
            time.sleep(0.1)

    def stop(self):
        """True when it ended in order and logged nothing bad."""
        if not self.process:
            return True
        ok = self.is_alive()
        if ok:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                print("FAIL Kamailio does not stop")
                os.killpg(self.process.pid, signal.SIGKILL)
                ok = False
        self.log.close()
        bad = [line for line in self.log_text().split("\n") if BAD.search(line)]
        for line in bad[:10]:
            print("FAIL log:", line)
        return ok and not bad
