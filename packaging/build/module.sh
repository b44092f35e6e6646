#!/usr/bin/env bash
# module.sh FOLDER: im_sidecar.so for the installed Kamailio, built as the distribution builds; prints nothing but errors.
source "$(dirname "$0")/lib.sh"

out=${1:?module.sh takes the folder to build in}
kamailio_source=$("$here/kamailio-source.sh")
map="-ffile-prefix-map=$kamailio_source=kamailio"
flags() { dpkg-buildflags --get "$1"; }

make -s -j"$(nproc)" -C "$root/kamailio/module" KAMAILIO_SRC="$kamailio_source" BUILD="$out" \
    CFLAGS="$(flags CFLAGS) $(flags CPPFLAGS) $map" CXXFLAGS="$(flags CXXFLAGS) $(flags CPPFLAGS) $map" \
    LDFLAGS="$(flags LDFLAGS)" >"$build/module-package.log" 2>&1 || {
    cat "$build/module-package.log" >&2
    die "the Kamailio module could not be built."
}
