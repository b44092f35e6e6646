#!/usr/bin/env bash
# module.sh FOLDER: im_sidecar.so for the installed Kamailio, or for the source that KAMAILIO_SRC names, built as the
# distribution builds; prints nothing but errors.
source "$(dirname "$0")/lib.sh"

out=${1:?module.sh takes the folder to build in}
if [[ ${IMSIDECAR_PAYLOAD:-} ]]; then
    mkdir -p "$out"
    cp -a "$IMSIDECAR_PAYLOAD/module/im_sidecar.so" "$out/"
    exit 0
fi

kamailio_source=${KAMAILIO_SRC:-$("$here/kamailio-source.sh")}
map="-ffile-prefix-map=$kamailio_source=kamailio"
# Those of the distribution: Debian tells them, rpmbuild has them in the environment.
flags() { if command -v dpkg-buildflags >/dev/null; then (cd "$root" && dpkg-buildflags --get "$1"); else echo "${!1:-}"; fi; }

make -s -j"$(nproc)" -C "$root/kamailio/module" KAMAILIO_SRC="$kamailio_source" BUILD="$out" \
    CFLAGS="$(flags CFLAGS) $(flags CPPFLAGS) $map" CXXFLAGS="$(flags CXXFLAGS) $(flags CPPFLAGS) $map" \
    LDFLAGS="$(flags LDFLAGS)" >"$build/module-package.log" 2>&1 || {
    cat "$build/module-package.log" >&2
    die "the Kamailio module could not be built."
}
