"""The arithmetic of capacity.md: put your own numbers above the line and run it with python3."""
from math import ceil

# Measured by `make bench-cluster` with three sidecars: microseconds of CPU for each SIP transaction, or message, of Kamailio
# without its link, the link, sidecars and PostgreSQL; bytes of WAL; saves.
COST = {
    "options": (84, 99, 92, 4, 0, 0),
    "subscribe": (46, 67, 142, 78, 988, 0.25),
    "invite": (86, 148, 607, 405, 5191, 0.98),
    "tell": (31, 54, 81, 53, 1047, 0.02),
    "message": (70, 201, 633, 652, 1450, 0),
    "collect": (32, 102, 735, 620, 1975, 0.51),
}

# Assumed, of each user in the busy hour.
ONLINE = 0.6           # registered, and once more each hour
SESSIONS = 0.1         # group sessions of four that he starts; all four watch
SAID = 40              # messages in a session, each heard by three
CHANGES = 4            # of the state that each watcher is told of
PAGES = 2              # single messages that he sends
AWAY = 0.1             # of them to users who are away: kept, and brought later
KEPT_DAYS = 2          # for how long, at the mean
BUSY = 0.15            # of what a day brings, what comes in the busy hour
MINUTES = 15           # a session takes

# Assumed, of machines: what they have, and how much of it they are to use.
CORES, DATABASE_CORES, LOAD = 8, 16, 0.5
SAVES = 3000           # a second, of one sidecar: one transaction after the other
NODES = 16             # sidecars of one Kamailio at most
DELIVERY = 15          # microseconds of a sidecar for a message of MSRP that one participant hears
SIDECAR_KIB, KAMAILIO_KIB, STORE_KIB = 6, 4, 2.8    # for each participant
MESSAGE_KIB = 1.5      # of disk, for a kept message of 1 KB
# ------------------------------------------------------------------------------------------------------------------------

KAMAILIO, LINK, SIDECAR, DATABASE, WAL, SAVED = range(6)

# How many of a user in the busy hour, and what was measured that stands for it.
OPERATIONS = [
    (ONLINE, "subscribe"),                   # a registration: an event, a save
    (SESSIONS * 8, "invite"),                # INVITE and three more, four BYEs
    (SESSIONS * 4 * 2, "subscribe"),         # SUBSCRIBE and its NOTIFY
    (SESSIONS * 4 * CHANGES, "tell"),
    (PAGES * (1 - AWAY) * 2, "options"),     # a message that passes: the sender's half, the receiver's
    (PAGES * AWAY, "message"),
    (PAGES * AWAY, "collect"),
]


class Load:
    """What so many millions of users ask of the machines in the busy hour."""

    def __init__(self, millions):
        self.users = millions * 1e6
        a_second = self.users / 3600
        self.transactions = a_second * sum(each for each, cost in OPERATIONS if cost != "collect")
        self.heard = a_second * SESSIONS * SAID * 3
        self.kept = a_second * PAGES * AWAY
        sums = [a_second * sum(each * COST[cost][what] for each, cost in OPERATIONS) for what in range(6)]
        self.kamailio, self.link, self.sidecars, self.database = (each / 1e6 for each in sums[:4])
        self.sidecars += self.heard * DELIVERY / 1e6
        self.wal, self.saves = sums[WAL] / 1e6, sums[SAVED]
        self.sessions = self.users * SESSIONS * MINUTES / 60
        self.memory = self.sessions * 4 * (SIDECAR_KIB + KAMAILIO_KIB) / 1024**2
        self.rows = self.sessions * 4 * STORE_KIB / 1024**2
        self.disk = self.users * PAGES * AWAY / BUSY * KEPT_DAYS * MESSAGE_KIB / 1024**2
        nodes = max(self.sidecars / CORES / LOAD, self.saves / SAVES)
        self.cells = ceil(max(self.database / DATABASE_CORES / LOAD, nodes / (NODES - 1)))
        self.nodes = ceil(nodes / self.cells + 1) * self.cells
        fronts = max((self.kamailio + self.link) / CORES / LOAD, self.link / LOAD)
        self.fronts = ceil(fronts / self.cells + 1) * self.cells


ROWS = [
    ("SIP transactions/s", "transactions", 0),
    ("sessions at a time", "sessions", 0),
    ("messages heard by MSRP, /s", "heard", 0),
    ("messages kept, /s", "kept", 0),
    ("saves/s", "saves", 0),
    ("cores: Kamailio without links", "kamailio", 1),
    ("cores: links", "link", 1),
    ("cores: sidecars", "sidecars", 1),
    ("cores: PostgreSQL", "database", 1),
    ("WAL, MB/s", "wal", 1),
    ("memory for sessions, GB", "memory", 1),
    ("disk for sessions, GB", "rows", 1),
    ("disk for kept messages, GB", "disk", 0),
    ("**cells**: PostgreSQLs of 16 cores, each with a standby", "cells", 0),
    ("**sidecars** of 8 cores, one to spare in each cell", "nodes", 0),
    ("**Kamailios** of 8 cores, one to spare in each cell", "fronts", 0),
]

if __name__ == "__main__":
    loads = [Load(millions) for millions in (1, 10, 100)]
    print("| busy hour, of users | 1 million | 10 million | 100 million |\n| --- | ---: | ---: | ---: |")
    for name, value, digits in ROWS:
        cells = (f"{getattr(load, value):,.{digits}f}".replace(",", " ") for load in loads)
        print(f"| {name} | {' | '.join(cells)} |")
