#!/usr/bin/env bash
# Fetches and configures the source of the installed Kamailio, for its headers; prints the folder.
# The machine's own package sources stay as they are: deb-src entries are derived into a private configuration.
source "$(dirname "$0")/lib.sh"

version=$(dpkg-query -W -f '${source:Version}' kamailio 2>/dev/null) || die "Kamailio is not installed; run 'make deps'."
store=$build/kamailio-source
stamp=$store/$version

if [[ -f $stamp && -f $(cat "$stamp")/src/config.mak ]]; then
    cat "$stamp"
    exit 0
fi

# One-line entries: "deb ..." becomes "deb-src ...", options kept.
derive_list() { sed -nE 's/^[[:space:]]*deb(-src)?([[:space:]].*)$/deb-src\2/p' "$1"; }

# deb822 entries: Types becomes deb-src; disabled stanzas are left out.
derive_sources() {
    awk 'function flush() { if (types && !disabled) printf "%s\n", stanza; stanza = ""; types = disabled = 0 }
        /^[ \t]*$/ { flush(); next }
        /^#/ { next }
        tolower($0) ~ /^enabled:[ \t]*(no|false|off|0|without|disable)/ { disabled = 1 }
        tolower($0) ~ /^types:/ { if (tolower($0) ~ /deb/) types = 1; stanza = stanza "Types: deb-src\n"; next }
        { stanza = stanza $0 "\n" }
        END { flush() }' "$1"
}

write_private_configuration() {
    local list parts file
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    mkdir -p "$private"/{parts,lists/partial,cache/archives/partial}

    for file in "$list" "$parts"/*.list; do
        if [[ -f $file ]]; then derive_list "$file"; fi
    done >"$private/parts/derived.list"
    for file in "$parts"/*.sources; do
        if [[ -f $file ]]; then derive_sources "$file"; fi
    done >"$private/parts/derived.sources"

    # Root's temporary folder is closed to the user _apt.
    cat >"$private/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$private/parts";
Dir::State::lists "$private/lists";
Dir::Cache "$private/cache";
APT::Sandbox::User "root";
Acquire::Retries "3";
Acquire::Languages "none";
END
}

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
trap 'exit 1' HUP INT TERM

note "fetching the source of kamailio $version" >&2
write_private_configuration
rm -rf "$store"
mkdir -p "$store"
cd "$store"
log=$build/kamailio-source.log
{
    APT_CONFIG=$private/apt.conf apt-get -q update &&
        APT_CONFIG=$private/apt.conf apt-get -q source --only-source "kamailio=$version"
} >"$log" 2>&1 || die "no source of kamailio $version to be had: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"

source_folder=$(find "$store" -mindepth 1 -maxdepth 1 -type d -name 'kamailio-*')
make -C "$source_folder" cfg >>"$log" 2>&1 || die "the source of kamailio $version could not be configured; see $log."
[[ -f $source_folder/src/config.mak ]] || die "configuring kamailio $version left no src/config.mak; see $log."

echo "$source_folder" >"$stamp"
cat "$stamp"
