#!/usr/bin/env python3
"""failures.py FILE...: which tests failed, of results in xunit's XML, and how each began to."""
import sys
import xml.etree.ElementTree as xml

MOST = 1200  # characters of a message: the first fault is within


def failures(root):
    for test in root.iter("test"):
        if test.get("result") == "Fail":
            yield test.get("name"), test
    for error in root.iter("error"):
        yield f"{error.get('type')} {error.get('name') or ''}".strip(), error


for path in sys.argv[1:]:
    try:
        found = list(failures(xml.parse(path).getroot()))
    except (OSError, xml.ParseError) as error:
        print(f"== {path}: {error}")
        continue
    for name, node in found:
        print(f"== failed: {name}")
        print((node.findtext("failure/message") or "")[:MOST])
