#!/usr/bin/env bash
# Builds the module and the .NET projects: 'product' is what runs, 'all' also the tests. Rebuilds only what changed.
source "$(dirname "$0")/lib.sh"

# Names, sizes and times of what a build reads.
fingerprint() {
    (cd "$root" && find "$@" global.json .editorconfig Directory.*.props \( -name bin -o -name obj \) -prune \
        -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum)
}

# Silent unless it fails.
compile() {
    local log=$build/build.log
    (cd "$root" && dotnet build "$1" -c "$configuration" -v quiet -warnaserror) >"$log" 2>&1 || {
        cat "$log" >&2
        die "$1 could not be built."
    }
}

build_product() {
    local stamp=$build/product.stamp now
    now=$(fingerprint proto src)
    if [[ -f $sidecar && -f $client && -f $control && $now == "$(cat "$stamp" 2>/dev/null)" ]]; then return 0; fi

    note "building the sidecar, its control tool and the client"
    compile src/ImSidecar.Server
    compile src/ImSidecar.Client
    compile src/ImSidecar.Cli
    echo "$now" >"$stamp"
}

build_all() {
    local stamp=$build/all.stamp now product
    now=$(fingerprint proto src tests ImSidecar.sln)
    product=$(fingerprint proto src)
    if [[ -f $sidecar && -f $client && -f $control && $now == "$(cat "$stamp" 2>/dev/null)" ]]; then return 0; fi

    note "building the sidecar, the client and the tests"
    compile ImSidecar.sln
    echo "$now" >"$stamp"
    echo "$product" >"$build/product.stamp"
}

need_sdk
kamailio_source=$("$here/kamailio-source.sh")
make -s -j"$(nproc)" -C "$root/kamailio/module" KAMAILIO_SRC="$kamailio_source" BUILD="$build/module" ||
    die "the Kamailio module could not be built."

case ${1:-product} in
product) build_product ;;
all)
    build_all
    "$here/previous.sh"
    ;;
*) die "build.sh takes 'product' or 'all'." ;;
esac
