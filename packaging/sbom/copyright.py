#!/usr/bin/env python3
"""copyright.py COPYRIGHT PRODUCT: has each file of the programs that is not ImSidecar's own a stanza in debian/copyright, and each
stanza a file? Prints what has not."""
import fnmatch
import os
import re
import sys

HOME = "usr/lib/imsidecar/"
OURS = ["ImSidecar.*", "imsidecar", "imsidecar.*", "imsidecarctl", "imsidecarctl.*"]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        listed = re.findall(r"^Files:(.*\n(?: .*\n)*)", file.read(), re.MULTILINE)
    patterns = [each for line in listed for each in line.split() if each.startswith(HOME)]
    files = [HOME + name for name in os.listdir(sys.argv[2])
             if not any(fnmatch.fnmatchcase(name, each) for each in OURS)]
    wrong = [f"{name} is in no stanza" for name in sorted(files)
             if not any(fnmatch.fnmatchcase(name, each) for each in patterns)]
    wrong += [f"{each} does not ship" for each in patterns if not fnmatch.filter(files, each)]
    print("\n".join(wrong))
    sys.exit(1 if wrong or not files else 0)


main()
