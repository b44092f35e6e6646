#!/usr/bin/env python3
"""sbom.py ROOT VERSION RUNTIME DEB: what ImSidecar is made of, as CycloneDX 1.5 on standard output.

Packages of NuGet come from the project.assets.json of each project, below src/ (what ships, or only builds) and tests/ (what only
tests). RUNTIME is the imsidecar.runtimeconfig.json of the self-contained program, DEB the module's package: what it depends on is
asked of dpkg and apt. It fails when something has no licence or no hash.
"""
import base64
import glob
import json
import os
import re
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree

ROOT, VERSION, RUNTIME, DEB = sys.argv[1:5]
NUGET = os.environ.get("NUGET_PACKAGES", os.path.expanduser("~/.nuget/packages"))
# What the program loads by name: dpkg-shlibdeps does not see it.
LOADED = ["libsqlite3-0", "libssl3"]
# Licences of packages that name only a page or a file.
KNOWN = {
    "http://go.microsoft.com/fwlink/?LinkId=329770": "MIT",
    "https://go.microsoft.com/fwlink/?LinkId=331280": "LicenseRef-Microsoft-NET-Library",
    "https://github.com/dotnet/corefx/blob/master/LICENSE.TXT": "MIT",
    "https://github.com/protocolbuffers/protobuf/blob/main/LICENSE": "BSD-3-Clause",
}


def nuspec(name, version):
    path = os.path.join(NUGET, name.lower(), version.lower(), name.lower() + ".nuspec")
    tree = ElementTree.parse(path).getroot()
    return {element.tag.split("}")[1]: element for element in tree.iter()}


def licence(name, version):
    """An expression of SPDX where the package has one."""
    said = nuspec(name, version)
    if "license" in said and said["license"].get("type") == "expression":
        return [{"expression": said["license"].text}]
    url = said["licenseUrl"].text if "licenseUrl" in said else ""
    if url in KNOWN:
        return [{"expression": KNOWN[url]}]
    return [{"license": {"name": said["license"].text if "license" in said else url, "url": url}}]


def nuget(name, version, digest, scope):
    return {
        "type": "library", "bom-ref": f"pkg:nuget/{name}@{version}", "name": name, "version": version, "scope": scope,
        "hashes": [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}],
        "licenses": licence(name, version), "purl": f"pkg:nuget/{name}@{version}",
    }


def restored():
    """Each package once, as required when any of our programs ships it."""
    found = {}
    for kind, ships in (("src", True), ("tests", False)):
        for path in sorted(glob.glob(f"{ROOT}/{kind}/*/obj/project.assets.json")):
            with open(path, encoding="utf-8") as file:
                assets = json.load(file)
            libraries = {key: value for target in assets["targets"].values() for key, value in target.items()}
            for key, library in assets["libraries"].items():
                if library["type"] != "package":
                    continue
                name, version = key.split("/")
                at_runtime = any(not each.endswith("_._") for each in libraries.get(key, {}).get("runtime", {}))
                scope = "required" if ships and at_runtime else "excluded"
                if found.get(key, {}).get("scope") != "required":
                    found[key] = nuget(name, version, library["sha512"], scope)
    return list(found.values())


def runtime_packs():
    with open(RUNTIME, encoding="utf-8") as file:
        frameworks = json.load(file)["runtimeOptions"]["includedFrameworks"]
    for framework in frameworks:
        name = framework["name"] + ".Runtime.linux-x64"
        pattern = os.path.join(NUGET, name.lower(), framework["version"], "*.nupkg.sha512")
        with open(glob.glob(pattern)[0], encoding="utf-8") as file:
            yield nuget(name, framework["version"], file.read().strip(), "required")


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def debian_licence(package):
    with open(f"/usr/share/doc/{package}/copyright", encoding="utf-8", errors="replace") as file:
        text = file.read()
    names = sorted(set(re.findall(r"^License: *(\S.*)$", text, re.MULTILINE)))
    if not names:
        names = ["as /usr/share/doc/" + package + "/copyright says"]
    return [{"license": {"name": " AND ".join(names)}}]


def debian():
    """The module's libraries, and those the program loads."""
    depends = said("dpkg-deb", "-f", DEB, "Depends")
    names = {re.sub(r"[ (].*", "", each.strip()) for each in depends.split(",")} | set(LOADED)
    for name in sorted(names - {"adduser"}):
        version = said("dpkg-query", "-W", "-f", "${Version}", name)
        record = said("apt-cache", "show", "--no-all-versions", f"{name}={version}")
        digest = re.search(r"^SHA256: (\w+)", record, re.MULTILINE)
        purl = f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12"
        component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "scope": "required",
                     "licenses": debian_licence(name), "purl": purl,
                     "properties": [{"name": "imsidecar:shipped", "value": "no, a dependency of the package"}]}
        # A version that the sources no longer have is installed all the same; then dpkg's sums of its files speak for it.
        component["hashes"] = [{"alg": "SHA-256", "content": digest.group(1)}] if digest else [files_hash(name)]
        yield component


def files_hash(name):
    paths = glob.glob(f"/var/lib/dpkg/info/{name}.md5sums") + glob.glob(f"/var/lib/dpkg/info/{name}:amd64.md5sums")
    return {"alg": "SHA-256", "content": said("sha256sum", paths[0]).split()[0]}


def main():
    components = sorted([*restored(), *runtime_packs(), *debian()], key=lambda each: each["bom-ref"].lower())
    listed = json.dumps(components, sort_keys=True)
    moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    us = f"pkg:generic/imsidecar@{VERSION}"
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, VERSION + listed)),
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
            "component": {"type": "application", "bom-ref": us, "name": "imsidecar", "version": VERSION, "purl": us,
                          "licenses": [{"expression": "Apache-2.0 AND GPL-3.0-or-later"}]},
        },
        "components": components,
        "dependencies": [{"ref": us, "dependsOn": [each["bom-ref"] for each in components if each["scope"] == "required"]}],
    }, indent=2, ensure_ascii=False))


main()
