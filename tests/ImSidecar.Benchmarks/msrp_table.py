"""Prints what the bench has measured of MSRP: the relay beside a forwarder and Kamailio's module msrp, the switch."""
import sys

from rounds import folder, median, read, rounds, row

PLAIN = ["forward", "kamailio", "ours"]
TLS = ["kamailio-tls", "ours-tls"]
NAMES = {"forward": "forwarder", "kamailio": "Kamailio", "ours": "ImSidecar",
         "kamailio-tls": "Kamailio, TLS", "ours-tls": "ImSidecar, TLS"}


def rate(run):
    return run["units"] / run["seconds"]


def megabytes(run):
    return run["bytes"] / run["seconds"] / 1e6


def cpu(run):
    return run["cpu_relay"] * 1e6 / max(1, run["units"])


def everything(run):
    return (run["cpu_relay"] + run["cpu_generator"]) * 1e6 / max(1, run["units"])


def ratio(runs, to):
    return f"{median(runs, cpu) / max(1e-9, median(to, cpu)):.2f}" if runs and to else ""


def modes():
    for size in [200, 2048, 8192, 65536]:
        for sessions in [1, 100]:
            yield f"{size}-{sessions}", f"{size} x{sessions}"
            if size == 200 and sessions == 100:
                yield "single", "one by one"


def relays():
    print("MSRP relays, medians of the rounds. CPU in microseconds for each message, all processes of the relay; its ratios.")
    row("", ["msg/s", "MB/s", "CPU", "/forward", "/Kamailio", "with load"])
    for mode, name in modes():
        # Who was started anew in the middle has taken less than nothing: that round tells nothing.
        runs = {who: [run for run in rounds(mode, who) if run["cpu_relay"] >= 0] for who in PLAIN + TLS}
        for who in PLAIN + TLS:
            if not runs[who]:
                continue
            kamailio = runs["kamailio-tls" if who in TLS else "kamailio"]
            row(f"{name} {NAMES[who]}", [
                f"{median(runs[who], rate):.0f}", f"{median(runs[who], megabytes):.0f}",
                f"{median(runs[who], cpu):.2f}", "" if who in TLS else ratio(runs[who], runs["forward"]),
                ratio(runs[who], kamailio), f"{median(runs[who], everything):.2f}"])


def fan():
    print("\nThe switch, one leg speaks and 100 hear it, 200 bytes in CPIM; each delivery is answered.")
    row("messages at once", ["deliv./s", "CPU us"])
    for window in ["1", "64"]:
        runs = rounds("fan", window)
        if runs:
            row(window, [f"{median(runs, rate):.0f}", f"{median(runs, cpu):.2f}"])


def idle():
    print("\nSessions that do nothing, each on a connection of its own: resident memory of the process.")
    row("", ["sessions", "MB before", "MB", "KB each"])
    legs, relay = read(folder / "idle.legs"), read(folder / "idle.ours")
    before = float((folder / "legs.log").read_text().split()[1])
    for name, run, start in [("switch", legs, before), ("relay", relay, relay["before_kb"])]:
        row(name, [f"{run['units']:.0f}", f"{start / 1024:.0f}", f"{run['after_kb'] / 1024:.0f}",
                   f"{(run['after_kb'] - start) / run['units']:.1f}"])


def faults():
    runs = {path.name: read(path) for path in sorted(folder.glob("*.*.*"))
            if path.name[0].isdigit() or path.name.startswith(("single", "fan"))}
    for name, run in runs.items():
        if run["lost"] + run["refused"] > 0:
            print(f"{name}: {run['lost']:.0f} lost, {run['refused']:.0f} refused")
    return any(run["lost"] + run["refused"] > 0 for name, run in runs.items() if "ours" in name or "fan" in name)


relays()
fan()
idle()
sys.exit(faults())
