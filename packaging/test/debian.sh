#!/usr/bin/env bash
# debian.sh: a fresh Debian in .build/packages/debian.tar, with the packages that Kamailio and ours need in apt's cache, so that
# the test itself needs no network. Made once; made again when what ours depend on has changed. The last line says why not:
# with code 2 for want of a package source that answers, with 1 when something is wrong, as a package that is nowhere.
source "$(dirname "$0")/lib.sh"

tar=$packages/debian.tar
apt_needs=$(for deb in "$packages"/deb/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' |
    sed -E 's/\(.*//; s/ //g; /^imsidecar|^kamailio/d' | sort -u | paste -sd' ')
stamp="bookworm $(dpkg-query -W -f '${Version}' kamailio) $apt_needs"
[[ -f $tar && $(cat "$tar.of" 2>/dev/null) == "$stamp" ]] && exit 0

# Where this machine has its own Debian from.
mapfile -t sources < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' |
    awk '$3 == "Debian" && $2 ~ /^bookworm/ && $4 == "main" { print $1, $2 }' | sort -u)
mirror=$(printf '%s\n' "${sources[@]}" | awk '$2 == "bookworm" { print $1; exit }')
[[ $mirror ]] || { echo "this machine has no package source of Debian 12"; exit "$not_here"; }

note "making a fresh Debian 12 (once)"
folder=$(mktemp -d "$packages/debian.XXXXXX")
trap 'rm -rf "$folder"' EXIT
log=$build/debootstrap.log
{
    debootstrap --variant=minbase bookworm "$folder" "$mirror" &&
        printf 'deb %s %s main\n' $(printf '%s\n' "${sources[@]}") >"$folder/etc/apt/sources.list" &&
        apt-config dump | grep -E '^Acquire::(http|https|Check-)' >"$folder/etc/apt/apt.conf.d/99machine"
    cp /etc/resolv.conf /etc/hosts "$folder/etc/"
    # apt deletes what it has installed, and so it would what the test is to install.
    rm -f "$folder/etc/apt/apt.conf.d/docker-clean"
    chroot "$folder" apt-get -q -o Acquire::Retries=3 update &&
        chroot "$folder" apt-get -qy -o Acquire::Retries=3 --no-install-recommends --download-only install \
            "kamailio=$(dpkg-query -W -f '${Version}' kamailio)" $apt_needs
} >"$log" 2>&1 || {
    tail -n 3 "$log"
    ! grep -qE '^E: (Failed getting release file|Unable to fetch|Failed to fetch)' "$log" || {
        echo "the package source of this machine does not answer"
        exit "$not_here"
    }
    exit 1
}
tar -C "$folder" -cf "$tar.new" .
mv "$tar.new" "$tar"
echo "$stamp" >"$tar.of"
