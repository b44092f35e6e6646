#!/usr/bin/env bash
# rpm.sh [FOLDER]: 'make rpm', the packages for rpm into .build/packages/rpm/ or FOLDER; nothing when they are there and nothing
# has changed.
source "$(dirname "$0")/lib.sh"

out=${1:-$packages/rpm}
need_sdk
need_tools rpmbuild:rpm protoc:protobuf-compiler

fingerprint=$(packages_fingerprint)
if [[ $(cat "$out/.of" 2>/dev/null) == "$fingerprint" ]]; then
    note "the packages in $out are of these sources"
    exit 0
fi

payload=$("$(dirname "$0")/payload.sh")
note "building the packages for rpm of $version"
copy_sources "$out.work/imsidecar"
log=$build/rpm.log
# Without dependencies: rpm knows nothing of Debian's packages.
(cd "$out.work/imsidecar" && IMSIDECAR_BUILD=$build IMSIDECAR_PAYLOAD=$payload HOME=$out.work nice -n 5 rpmbuild -bb --nodeps --build-in-place \
    -D "_topdir $out.work/top" -D "_dbpath $out.work/db" -D "im_version $version" \
    -D "im_date $(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')" \
    -D "kamailio_version $(dpkg-query -W -f '${source:Upstream-Version}' kamailio)" \
    -D "_buildhost localhost" -D "use_source_date_epoch_as_buildtime 1" -D "clamp_mtime_to_source_date_epoch 1" \
    packaging/rpm/imsidecar.spec) >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    die "the packages for rpm could not be built; all of it: $log"
}
rm -rf "$out"
mkdir -p "$out"
mv "$out.work"/top/RPMS/*/*.rpm "$out/"
echo "$fingerprint" >"$out/.of"
rm -rf "$out.work"
ls -s --block-size=K "$out"/*.rpm
