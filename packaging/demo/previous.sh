#!/usr/bin/env bash
# Builds the sidecar and the module of the release before this one, which a rolling upgrade starts from, once: the commit
# that previous-release names, into previous/COMMIT of the build folder. A clone without that commit says so and ends well.
source "$(dirname "$0")/lib.sh"

commit=$(<"$here/previous-release")
folder=$build/previous/$commit
if [[ -f $folder/built ]]; then exit 0; fi

if ! git -C "$root" cat-file -e "$commit^{commit}" 2>/dev/null; then
    note "this clone has no commit $commit: the rolling upgrade from the release before this one is skipped"
    exit 0
fi

need_sdk
note "building the sidecar and the module of the release before this one"
# Only the newest is of use.
rm -rf "$build/previous"
mkdir -p "$folder"
log=$folder/build.log
git -C "$root" archive "$commit" \
    .editorconfig Directory.Build.props Directory.Packages.props global.json proto src kamailio packaging |
    tar -x -C "$folder"
kamailio_source=$("$here/kamailio-source.sh")
{
    make -s -j"$(nproc)" -C "$folder/kamailio/module" KAMAILIO_SRC="$kamailio_source" BUILD="$folder/module" &&
        cd "$folder" && dotnet build src/ImSidecar.Server -c "$configuration" -v quiet
} >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "the release before this one could not be built; see $log."
}
touch "$folder/built"
