#!/usr/bin/env bash
# reproducible.sh: builds all packages once more, from a copy of the sources in another folder, with another umask, by one core;
# prints the packages that are not the same, byte for byte.
source "$(dirname "$0")/lib.sh"

elsewhere=$(mktemp -d /tmp/imsidecar.XXXXXX)
trap 'rm -rf "$elsewhere"' EXIT
copy_sources "$elsewhere/tree"
kamailio_source=$("$here/kamailio-source.sh")
mkdir -p "$elsewhere/build/kamailio-source"
cp -a "$kamailio_source" "$elsewhere/build/kamailio-source/"
echo "$elsewhere/build/kamailio-source/$(basename "$kamailio_source")" \
    >"$elsewhere/build/kamailio-source/$(dpkg-query -W -f '${source:Version}' kamailio)"

(
    umask 027
    export IMSIDECAR_BUILD=$elsewhere/build DEB_BUILD_OPTIONS=parallel=1 LOGNAME=somebody
    core=$(taskset -cp $BASHPID | sed -E 's/.*: ([0-9]+).*/\1/')
    taskset -c "$core" "$elsewhere/tree/packaging/build/deb.sh"
    taskset -c "$core" "$elsewhere/tree/packaging/build/rpm.sh"
) >"$build/reproducible.log" 2>&1 || { tail -n 20 "$build/reproducible.log"; exit 1; }

for file in "$packages"/{deb/*.deb,rpm/*.rpm}; do
    cmp "$file" "$elsewhere/build/packages/${file#"$packages"/}" || code=1
done
exit "${code:-0}"
