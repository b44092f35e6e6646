"""Prints what sharing the work costs: medians of the rounds, ratios to one sidecar on SQLite."""
from rounds import median, rounds, row

WORLDS = [("sqlite", "SQLite, 1"), ("one", "PostgreSQL, 1"), ("two", "PostgreSQL, 2"), ("three", "PostgreSQL, 3")]
MODES = ["options", "subscribe", "invite", "tell", "message", "collect"]


def nodes(run, what):
    return [run[f"{what}{node}"] for node in range(1, 4) if f"{what}{node}" in run]


def requests(run):
    """What the generator sends and gets; of what was kept the messages that have come."""
    return max(1, run["notifies"] if run["mode"] == "collect" else run["requests"])


def sidecars(run):
    return sum(nodes(run, "cpu_node"))


def each(run, seconds):
    return seconds * 1e6 / requests(run)


PARTS = [
    ("workers", lambda run: run["cpu_workers"]),
    ("link", lambda run: run["cpu_link"]),
    ("rest", lambda run: run["cpu_rest"]),
    ("sidecars", sidecars),
    ("database", lambda run: run.get("cpu_database", 0)),
]


def total(run):
    return sum(part(run) for _, part in PARTS)


def written(run):
    return sum(nodes(run, "written_node")) + run.get("written_database", 0)


def print_costs():
    print("CPU in microseconds for each SIP transaction, both ways counted, medians of the rounds; ratios: to one sidecar on")
    print("SQLite in the same rounds. Everything on one machine: rates say what is left of it, CPU says what it costs.")
    row("", ["SIP/s", "ratio"] + [name for name, _ in PARTS] + ["all", "ratio", "p50 ms", "p99 ms"])
    for mode in MODES:
        first = rounds(mode, "sqlite")
        for world, name in WORLDS:
            runs = rounds(mode, world)
            rate = lambda run: requests(run) / run["seconds"]
            cells = [f"{median(runs, rate):.0f}", f"{median(runs, rate) / median(first, rate):.2f}"]
            cells += [f"{median(runs, lambda run, of=part: each(run, of(run))):.0f}" for _, part in PARTS]
            whole = lambda run: each(run, total(run))
            cells += [f"{median(runs, whole):.0f}", f"{median(runs, whole) / median(first, whole):.2f}"]
            cells += [f"{median(runs, lambda run, at=mark: run['answer_' + at]):.1f}" for mark in ["p50", "p99"]]
            row(f"{mode} {name}", cells)


def print_work():
    print("\nFor each SIP transaction: events to the sidecars, saves, commits, bytes of WAL and written to disk; of a hundred those")
    print("that came to the wrong sidecar first; shares of the events and of the CPU, least and most; what was lost or refused.")
    row("", ["events", "saves", "commits", "WAL", "written", "redirects", "events %", "CPU %", "lost"])
    for mode in MODES:
        for world, name in WORLDS:
            runs = rounds(mode, world)
            events = lambda run: sum(nodes(run, "events_"))
            cells = [
                f"{median(runs, lambda run: events(run) / requests(run)):.2f}",
                f"{median(runs, lambda run: sum(nodes(run, 'saves_')) / requests(run)):.2f}",
                f"{median(runs, lambda run: run.get('commits', 0) / requests(run)):.3f}",
                f"{median(runs, lambda run: run.get('wal', 0) / requests(run)):.0f}",
                f"{median(runs, lambda run: written(run) / requests(run)):.0f}",
                f"{median(runs, lambda run: 100 * run['redirects'] / requests(run)):.1f}",
            ]
            for what in ["events_", "cpu_node"]:
                low = median(runs, lambda run: 100 * min(nodes(run, what)) / max(1e-9, sum(nodes(run, what))))
                high = median(runs, lambda run: 100 * max(nodes(run, what)) / max(1e-9, sum(nodes(run, what))))
                cells.append(f"{low:.0f}-{high:.0f}")
            cells.append(f"{sum(run['lost'] + run['refused'] for run in runs):.0f}")
            row(f"{mode} {name}", cells)


print_costs()
print_work()
