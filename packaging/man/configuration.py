#!/usr/bin/env python3
"""configuration.py FILE VERSION: the manual page imsidecar.json(5), written from the commented configuration file itself."""
import os
import re
import sys
import time

SECTION = re.compile(r'^  "(\w+)": \{')
KEY = re.compile(r'^    "([\w.]+)": (.+?),?\s*$')
COMMENT = re.compile(r"^ *// ?(.*)$")


def plain(text):
    """Text as roff shows it as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


def page(lines, version):
    """Yields the lines of the page."""
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    yield f'.TH IMSIDECAR.JSON 5 "{date}" "ImSidecar {version}" "File Formats"'
    yield ".SH NAME\nimsidecar.json \\- configuration of ImSidecar"
    yield ".SH SYNOPSIS\n.I /etc/imsidecar/imsidecar.json"
    yield ".SH DESCRIPTION\nA JSON object of sections, read by\n.BR imsidecar (8)"
    yield "in each of its roles. Each key is shown with its default."
    comments, section = [], None
    for line in lines:
        if match := COMMENT.match(line):
            comments.append(match.group(1))
        elif match := SECTION.match(line):
            section = match.group(1)
            yield f".SH {section.upper()}"
            yield from (plain(each) for each in comments)
            comments = []
        elif line.startswith("{"):
            yield from (plain(each) for each in comments)
            comments = []
        elif section and (match := KEY.match(line)):
            key, value = match.groups()
            yield f".TP\n\\fB{section}:{plain(key)}\\fP  {plain(value)}"
            yield from [plain(each) for each in comments] or ["See above."]
            comments = []
    yield ".SH FILES\n.I /etc/imsidecar/imsidecar.json"
    yield ".SH SEE ALSO\n.BR imsidecar (8),\n.BR imsidecar\\-msrp\\-relay (8),\n.BR imsidecarctl (1)"


def main():
    """Reads the file that is named and writes the page to standard output."""
    with open(sys.argv[1], encoding="utf-8") as file:
        print("\n".join(page(file, sys.argv[2])))


main()
