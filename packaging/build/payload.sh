#!/usr/bin/env bash
# payload.sh: what the packages of all kinds hold, built once in a copy of the sources; prints the folder of product and module.
source "$(dirname "$0")/lib.sh"

out=$packages/payload
fingerprint=$(payload_fingerprint)
if [[ $(cat "$out/.of" 2>/dev/null) != "$fingerprint" ]]; then
    note "building the programs and the module of the packages" >&2
    rm -rf "$out"
    copy_sources "$packages/source"
    "$packages/source/packaging/build/product.sh" "$out/product" >&2
    "$packages/source/packaging/build/module.sh" "$out/module" >&2
    rm -rf "$packages/source"
    echo "$fingerprint" >"$out/.of"
fi

echo "$out"
