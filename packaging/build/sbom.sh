#!/usr/bin/env bash
# sbom.sh: 'make sbom', what ImSidecar is made of, as CycloneDX in .build/packages/imsidecar.cdx.json.
source "$(dirname "$0")/lib.sh"

need_sdk
"$(dirname "$0")/deb.sh" >&2
payload=$("$(dirname "$0")/payload.sh")
(cd "$root" && dotnet restore ImSidecar.sln -v quiet) >"$build/restore.log" 2>&1 || {
    cat "$build/restore.log" >&2
    die "the packages could not be restored."
}
out=$packages/imsidecar.cdx.json
/usr/bin/python3 -B "$root/packaging/sbom/sbom.py" "$root" "$version" "$payload/product/imsidecar.runtimeconfig.json" \
    "$packages/deb/kamailio-im-sidecar_${version}_amd64.deb" >"$out.new"
mv "$out.new" "$out"
echo "$out"
