#!/usr/bin/env bash
# product.sh FOLDER: sidecar and control tool with the .NET runtime they need, in one folder; nothing in it depends on where or
# when it was built.
source "$(dirname "$0")/lib.sh"

out=${1:?product.sh takes the folder to fill}
if [[ ${IMSIDECAR_PAYLOAD:-} ]]; then
    mkdir -p "$(dirname "$out")"
    cp -a "$IMSIDECAR_PAYLOAD/product" "$out"
    exit 0
fi
need_sdk

# Without symbols: the generator of log messages writes its classes in another order each time, which only these show.
publish() {
    local log=$build/publish.log
    (cd "$root" && dotnet publish "src/$1" -c "$configuration" -r "$runtime" --self-contained -o "$2" -v quiet \
        -p:ContinuousIntegrationBuild=true -p:DeterministicSourcePaths=false -p:PathMap="$root=/_" \
        -p:EnableSourceControlManagerQueries=false -p:DebugType=none -p:UseAppHost=true) >"$log" 2>&1 || {
        cat "$log" >&2
        die "$1 could not be published."
    }
}

# The same library in two versions would be one of them for both.
add() {
    local file name
    for file in "$1"/*; do
        name=$(basename "$file")
        if [[ ! -e $out/$name ]]; then
            cp -a "$file" "$out/$name"
        else
            cmp -s "$file" "$out/$name" || die "sidecar and control tool need a different $name; they cannot lie in one folder."
        fi
    done
}

rm -rf "$out"
mkdir -p "$out"
control=$(mktemp -d)
trap 'rm -rf "$control"' EXIT
publish ImSidecar.Server "$out"
publish ImSidecar.Cli "$control"
add "$control"

# Tracing by LTTng, whose library Debian does not have in that version; the runtime does without.
rm -f "$out/libcoreclrtraceptprovider.so"
find "$out" -type f -exec chmod 644 {} +
chmod 755 "$out"/{imsidecar,imsidecarctl,createdump}
