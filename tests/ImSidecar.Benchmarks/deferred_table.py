"""Prints what the bench has measured of messages for users who are away, beside Kamailio's module msilo."""
from rounds import folder, median, read, rounds, row

PROCESSES = ["workers", "link", "sidecar", "rest"]


def messages(run):
    return run["units"] if run["mode"] == "message" else run["notifies"]


def rate(run):
    return messages(run) / run["seconds"]


def cpu(run, process):
    return run.get("cpu_" + process, 0) * 1e6 / max(1, messages(run))


def total(run):
    return sum(cpu(run, process) for process in PROCESSES)


def compared(first, second, of):
    return f"{median(first, of) / median(second, of):.2f}" if first and second else ""


def sides():
    for mode, text, with_msilo in [
            ("message", "kept", "message"), ("collect", "brought", "collect"),
            ("pages", "brought as MESSAGE", "collect")]:
        msilo, ours = rounds(with_msilo, "msilo"), rounds(mode, "ours")
        for name, runs in [("msilo", msilo if mode == with_msilo else []), ("ours", ours)]:
            if runs:
                yield f"{text}, {name}", runs, msilo if runs is ours else []


def rates():
    print("Messages for users who are away, medians of the rounds. CPU in microseconds for each message, without clients;")
    print("ratios: how many times that of msilo. Start: from his REGISTER until he is called, last: until he has all ten.")
    syncs = rounds("disk", "sync")
    print(f"A sync of 4 KB alone took {median(syncs, lambda run: run['sync_ms']):.2f} ms.")
    row("", ["msg/s", "ratio"] + PROCESSES + ["all", "ratio", "p50 ms", "p99 ms", "start ms", "last ms"])
    for name, runs, msilo in sides():
        is_kept = runs[0]["mode"] == "message"
        cells = [f"{median(runs, rate):.0f}", compared(runs, msilo, rate)]
        cells += [f"{median(runs, lambda run, of=process: cpu(run, of)):.0f}" for process in PROCESSES]
        cells += [f"{median(runs, total):.0f}", compared(runs, msilo, total)]
        for at in ["answer_p50", "answer_p99"]:
            cells.append(f"{median(runs, lambda run, at=at: run[at]):.1f}" if is_kept else "")
        for at in ["wave_p50", "last_p50"]:
            cells.append("" if is_kept else f"{median(runs, lambda run, at=at: run[at]):.0f}")
        row(name, cells)


def faults():
    print("\nWhat went wrong in all rounds together; again: they register over and over while messages come.")
    row("", ["messages", "refused", "lost", "twice", "disorder"])
    for mode, text in [
            ("message", "kept"), ("collect", "brought"), ("pages", "brought as MESSAGE"), ("again", "again")]:
        for who in ["msilo", "ours"]:
            runs = rounds(mode, who)
            if runs:
                row(f"{text}, {who}", [f"{sum(messages(run) for run in runs):.0f}"] + [
                    f"{sum(run[what] for run in runs):.0f}" for what in ["refused", "lost", "doubles", "disorder"]])


def stores():
    print("\nOne user after the other comes, with few and with many messages of others in the store. Memory of the sidecar")
    print("before the first one comes, and behind the last.")
    row("", ["messages", "store MB", "ready ms", "MB before", "MB behind", "p50 ms", "p99 ms", "worst"])
    for name in ["few", "many"]:
        run = read(folder / f"{name}.filled")
        push = read(folder / f"{name}.push")
        row(name, [f"{run['filled']:.0f}", f"{run['store_mb']:.0f}", f"{run['start_ms']:.0f}",
                   f"{run['before_kb'] / 1024:.0f}", f"{run['after_kb'] / 1024:.0f}"]
            + [f"{push['wave_' + at]:.1f}" for at in ["p50", "p99", "max"]])


rates()
faults()
stores()
