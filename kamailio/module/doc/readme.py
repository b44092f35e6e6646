# Writes ../README from the DocBook sources in this folder.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import textwrap
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH = 75


def plain(element):
    return " ".join("".join(element.itertext()).split())


def wrap(text, first="   ", rest="   "):
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def sections(element, prefix=""):
    """(number, section) of all sections, in order."""
    for i, section in enumerate(element.findall("section"), 1):
        number = f"{prefix}{i}."
        yield number, section
        yield from sections(section, number)


def body(section, example):
    lines = []
    for element in section:
        if element.tag == "para":
            lines += [wrap(plain(element)), ""]
        elif element.tag == "itemizedlist":
            lines += [wrap(plain(item), "     * ", "       ") for item in element.findall("listitem")] + [""]
        elif element.tag == "programlisting":
            example[0] += 1
            title = section.find("title").text
            lines += [f"   Example 1.{example[0]}. {title.split('(')[0].strip()}", "..."]
            lines += element.text.strip("\n").split("\n") + ["...", ""]
    return lines


def main():
    chapter = ET.parse(os.path.join(HERE, "im_sidecar_admin.xml")).getroot()
    numbered, example = list(sections(chapter)), [0]
    lines = ["IM Sidecar Module", "", "   Copyright (c) 2026 The ImSidecar authors", "   GPL-3.0-or-later, see COPYING",
             "     " + "_" * 66, "", "   Table of Contents", "", "   1. Admin Guide", ""]
    for number, section in numbered:
        lines.append("   " + "    " * number.count(".") + f"{number} {section.find('title').text}")
    lines += ["", "Chapter 1. Admin Guide", ""]
    for number, section in numbered:
        lines += [f"{number} {section.find('title').text}", ""] + body(section, example)
    with open(os.path.join(HERE, "..", "README"), "w") as f:
        f.write("\n".join(lines).rstrip() + "\n")


main()
