"""Prints what the rounds of the bench have measured: the medians, ratios, latencies, CPU time."""
from rounds import folder, median, read, rounds, row

PROCESSES = ["workers", "link", "sidecar", "rest", "generator"]


def units(run):
    return run["notifies"] if run["mode"] == "notify" else run["units"]


def rate(run):
    return units(run) / run["seconds"]


def transactions(run):
    return run["requests"] / run["seconds"]


def cpu(run, process):
    return run.get("cpu_" + process, 0) * 1e6 / max(1, run["requests"])


def total(run):
    return sum(cpu(run, process) for process in PROCESSES)


def rates():
    print("Rates, medians of the rounds. A unit: SUBSCRIBE with its NOTIFY; conference of 3 set up and torn down; NOTIFY.")
    row("", ["units/s", "ratio", "SIP/s", "ratio", "p50 ms", "p90 ms", "p99 ms", "worst"])
    for mode in ["subscribe", "invite", "notify"]:
        alone, ours = rounds(mode, "alone"), rounds(mode, "ours")
        for name, runs in [("Kamailio alone", alone), ("ImSidecar", ours)]:
            latency = "wave" if mode == "notify" and runs is ours else "answer"
            cells = [f"{median(runs, rate):.0f}", "", f"{median(runs, transactions):.0f}", ""]
            if runs is ours:
                cells[1] = f"{median(runs, rate) / median(alone, rate):.2f}"
                cells[3] = f"{median(runs, transactions) / median(alone, transactions):.2f}"
            for mark in ["p50", "p90", "p99", "max"]:
                cells.append(f"{median(runs, lambda run, at=mark: run[latency + '_' + at]):.1f}")
            row(f"{mode} {name}", cells)


def costs():
    print("\nCPU in microseconds for each SIP transaction, both ways counted.")
    row("", PROCESSES + ["all", "ratio", "bytes"])
    for mode in ["subscribe", "invite", "notify"]:
        alone, ours = rounds(mode, "alone"), rounds(mode, "ours")
        for name, runs in [("Kamailio alone", alone), ("ImSidecar", ours)]:
            cells = [f"{median(runs, lambda run, of=process: cpu(run, of)):.0f}" for process in PROCESSES]
            cells.append(f"{median(runs, total):.0f}")
            cells.append("" if runs is alone else f"{median(alone, total) / median(ours, total):.2f}")
            cells.append("" if runs is alone else f"{median(runs, lambda run: run['written_sidecar'] / run['requests']):.0f}")
            row(f"{mode} {name}", cells)


def each(run, process):
    return run.get("cpu_" + process, 0) * 1e6 / max(1, run["notifies"])


def all_of(run):
    return sum(each(run, process) for process in PROCESSES[:-1])


def watchers():
    """The generator's time is left out: it is the same client for all."""
    print("\nWatchers beside Kamailio's module presence. CPU in microseconds for each NOTIFY with what causes it (SUBSCRIBE;")
    print("one change for all); ratios: how many times that of presence in memory. Last: until all were told.")
    row("", ["NOTIFY/s", "ratio"] + PROCESSES[:-1] + ["all", "ratio", "last ms", "bytes"])
    for mode, text in [("watch", "SUBSCRIBE"), ("tell-100", "100 watch"), ("tell-10000", "10000 watch")]:
        memory = rounds(mode, "memory")
        for who, name in [("memory", "memory"), ("durable", "SQLite"), ("postgres", "PostgreSQL"), ("ours", "ImSidecar")]:
            runs = rounds(mode, who)
            if not runs:
                continue
            rate_of = lambda run: run["notifies"] / run["seconds"]
            cells = [f"{median(runs, rate_of):.0f}", f"{median(runs, rate_of) / median(memory, rate_of):.2f}"]
            cells += [f"{median(runs, lambda run, of=process: each(run, of)):.0f}" for process in PROCESSES[:-1]]
            cells += [f"{median(runs, all_of):.0f}", f"{median(runs, all_of) / median(memory, all_of):.2f}"]
            cells.append(f"{median(runs, lambda run: run['last_p50']):.0f}" if mode != "watch" else "")
            cells.append(f"{median(runs, lambda run: run['bodies'] / max(1, run['notifies'])):.0f}")
            row(f"{text} {name}", cells)


def steady():
    path = folder / "steady"
    if not path.exists():
        return
    run = read(path)
    print(f"\n2000 SUBSCRIBE/s for {run['seconds']:.0f} s, each with its NOTIFY: {rate(run):.0f}/s done, "
          f"lost {run['lost']:.0f}, refused {run['refused']:.0f}, late {run['starved']:.0f}, "
          f"sent again {run['again']:.0f}")
    for name, of in [("answer", "answer"), ("NOTIFY", "wave")]:
        print(f"  {name}: p50 {run[of + '_p50']:.1f}  p90 {run[of + '_p90']:.1f}  p99 {run[of + '_p99']:.1f}  "
              f"worst {run[of + '_max']:.1f} ms")


if rounds("invite", "ours"):
    rates()
    costs()
watchers()
steady()
