#!/usr/bin/env python3
"""check.py SBOM PROPS DEPS...: is each package that PROPS pins, and each that a deps.json of the programs names, in the list, and
does each entry say name, version, purl, licence and hash? Prints what is missing."""
import json
import re
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        components = json.load(file)["components"]
    missing = [f"{each.get('name')} has no {key}" for each in components
               for key in ("name", "version", "purl", "licenses", "hashes") if not each.get(key)]
    listed = {(each["name"].lower(), each["version"]): each for each in components}
    with open(sys.argv[2], encoding="utf-8") as file:
        pinned = re.findall(r'PackageVersion Include="([^"]+)" Version="([^"]+)"', file.read())
    missing += [f"{name} {version} is pinned and not listed" for name, version in pinned
                if (name.lower(), version) not in listed]
    for path in sys.argv[3:]:
        with open(path, encoding="utf-8") as file:
            libraries = json.load(file)["libraries"]
        for key, library in libraries.items():
            name, version = key.removeprefix("runtimepack.").split("/")
            if library["type"] in ("package", "runtimepack"):
                entry = listed.get((name.lower(), version), {})
                if entry.get("scope") != "required":
                    missing.append(f"{key} ships and is {'listed as ' + entry['scope'] if entry else 'not listed'}")
    print("\n".join(missing))
    sys.exit(1 if missing or not pinned else 0)


main()
