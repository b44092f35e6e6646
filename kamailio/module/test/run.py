# Runs the unit tests, then the module in a real Kamailio against a scripted sidecar.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

parser = argparse.ArgumentParser()
parser.add_argument("--build", required=True)
parser.add_argument("--unit")
parser.add_argument("--only", help="part of a test's name")
parser.add_argument("--keep", action="store_true", help="keep the log and say where it is")
options = parser.parse_args()
sys.path.insert(0, options.build)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def unit_tests():
    """passed, failed, skipped of the program's last line."""
    result = subprocess.run([options.unit], stdout=subprocess.PIPE, text=True)
    print(result.stdout, end="")
    lines = result.stdout.strip().split("\n")
    words = lines[-1].replace(",", "").split()
    if len(words) == 6 and words[1::2] == ["passed", "failed", "skipped"]:
        return [int(words[0]), max(int(words[2]), int(result.returncode != 0)), int(words[4])]
    print(f"FAIL unit tests ended with {result.returncode}")
    return [0, 1, 0]


def missing():
    if not shutil.which("kamailio"):
        return "kamailio is not installed"
    try:
        import grpc  # noqa: F401
        import google.protobuf  # noqa: F401
    except ImportError as e:
        return f"{e.name} for Python is not installed"
    return None


def module_tests():
    from kamailio import Kamailio
    import world as tests
    import held_tests, script_tests, originate_tests, relay_tests, malice_tests, stream_tests, nodes_tests  # noqa: F401, E401
    folder = tempfile.mkdtemp(prefix="imtest-")
    counts = [0, 0, 0]
    chosen = [t for t in tests.ALL if not options.only or options.only in t.__name__]
    kamailio = Kamailio(folder, options.build)
    try:
        kamailio.start()
        world = tests.World(kamailio, folder)
        for test in chosen:
            begin = time.monotonic()
            try:
                world.fresh()
                test(world)
                kamailio.check_alive()
                counts[0] += 1
                print(f"ok   {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
            except Exception:
                counts[1] += 1
                print(f"FAIL {test.__name__}", flush=True)
                traceback.print_exc(file=sys.stdout)
                if not kamailio.is_alive():
                    print("FAIL Kamailio is gone")
                    break
        world.close()
    except Exception:
        counts[1] += 1
        print("FAIL start")
        traceback.print_exc(file=sys.stdout)
    finally:
        clean = kamailio.stop()
        if not clean:
            counts[1] += 1
        if counts[1] or options.keep:
            print(f"log: {folder}/kamailio.log")
        else:
            shutil.rmtree(folder)
    return counts


total = [0, 0, 0]
if options.unit and not options.only:
    total = unit_tests()
why = missing()
if why:
    print(f"skipped: {why}")
    total[2] += 1
else:
    total = [a + b for a, b in zip(total, module_tests())]
print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
sys.exit(1 if total[1] else 0)
