"""Reads what the rounds of the bench have measured."""
import pathlib
import statistics
import sys

folder = pathlib.Path(sys.argv[1])


def read(path):
    lines = (line.split() for line in path.read_text().splitlines())
    return {name: value if name == "mode" else float(value) for name, value in lines}


def rounds(mode, who):
    return [read(path) for path in sorted(folder.glob(f"{mode}.{who}.*"))]


def median(runs, value):
    return statistics.median(value(run) for run in runs)


def row(name, cells):
    print(f"{name:<26}" + "".join(f"{cell:>10}" for cell in cells))
