#!/usr/bin/env bash
# deb.sh [FOLDER]: 'make deb', the Debian packages into .build/packages/deb/ or FOLDER; nothing when they are there and nothing
# has changed.
source "$(dirname "$0")/lib.sh"

out=${1:-$packages/deb}
need_sdk
need_tools dh:debhelper dpkg-buildpackage:dpkg-dev protoc:protobuf-compiler

fingerprint=$(packages_fingerprint)
if [[ $(cat "$out/.of" 2>/dev/null) == "$fingerprint" ]]; then
    note "the packages in $out are of these sources"
    exit 0
fi

payload=$("$(dirname "$0")/payload.sh")
work=$out.work/imsidecar-$version
note "building the Debian packages of $version"
copy_sources "$work"
cp -r "$work/packaging/debian" "$work/debian"
for unit in imsidecar imsidecar-msrp-relay; do
    cp "$work/packaging/systemd/$unit.service" "$work/debian/$unit.service"
done
maintainer=$(sed -n 's/^Maintainer: //p' "$work/debian/control")
cat >"$work/debian/changelog" <<END
imsidecar ($version) bookworm; urgency=medium

  * Release $version; the changelog beside this file says what is new.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END

log=$build/deb.log
(cd "$work" && IMSIDECAR_BUILD=$build IMSIDECAR_PAYLOAD=$payload nice -n 5 dpkg-buildpackage -b -us -uc) >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    die "the Debian packages could not be built; all of it: $log"
}
rm -rf "$out"
mkdir -p "$out"
mv "$out.work"/*.deb "$out/"
echo "$fingerprint" >"$out/.of"
rm -rf "$out.work"
ls -s --block-size=K "$out"/*.deb
