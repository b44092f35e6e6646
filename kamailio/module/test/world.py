# What all tests of the module share. One function decorated with test is one behaviour.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import sip
from sidecar import Sidecar


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
        self.handset, self.core = kamailio.handset, kamailio.core

    def peer(self, port=None, tcp=False):
        """A SIP peer that talks to that port, by default to the one for handsets."""
        return sip.Peer(("127.0.0.1", port or self.handset), tcp)

    def fresh(self):
        """What an earlier test has left does not count."""
        if self.sidecar:
            with self.sidecar.changed:
                self.sidecar.events.clear()

    def attached(self, **options):
        """A scripted sidecar that is attached; with options a new one."""
        if options:
            self.detach()
        if not self.sidecar:
            self.sidecar = Sidecar(self.target, **options)
        self.sidecar.wait_streams(1)
        self.kamailio.wait_status(lambda s: s["attached"] == 1)
        return self.sidecar

    def detach(self):
        if self.sidecar:
            if self.sidecar.confirm and self.sidecar.actions:
                self.kamailio.wait_status(lambda s: s["unconfirmed"] == 0)
            self.sidecar.stop()
            self.sidecar = None
            self.kamailio.wait_status(lambda s: s["attached"] == 0)

    def close(self):
        self.detach()
