# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: the version, the time of the sources, and a clean copy of them.
source "$(dirname "${BASH_SOURCE[0]}")/../demo/lib.sh"

packages=$build/packages
version=$(sed -nE 's/.*<Version>([^<]+)<.*/\1/p' "$root/Directory.Build.props")
runtime=linux-x64

# The time of the commit, so that the same commit gives the same bytes; a tree without git says it by its changelog.
if [[ -z ${SOURCE_DATE_EPOCH:-} && -e $root/.git ]]; then
    # What git says is shown: it may have been refused, as in a tree of another user.
    SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct) ||
        die "git does not tell the time of the commit; mend that, or set SOURCE_DATE_EPOCH to it (seconds)."
elif [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(stat -c %Y "$root/CHANGELOG.md")
fi
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
# The modes of folders are in the packages.
umask 022

# The tools that only packages need, and the Debian package of each.
need_tools() {
    local pair
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || die "'${pair%%:*}' is missing; run 'apt-get install ${pair##*:}' and this again."
    done
}

# copy_sources FOLDER: what git tracks, or all but what was built.
copy_sources() {
    rm -rf "$1"
    mkdir -p "$1"
    if [[ -e $root/.git ]]; then
        git -C "$root" rev-parse --git-dir >/dev/null || die "git does not tell which files are the sources."
        (cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tr "\n" "\0" |
            tar --null -cf - --no-recursion -T -) | tar -xf - -C "$1"
    else
        tar -C "$root" --exclude=./.build --exclude=bin --exclude=obj -cf - . | tar -xf - -C "$1"
    fi
}

# What the results depend on beside the sources.
tools=(kamailio g++ libgrpc++-dev libprotobuf-dev libssl-dev protobuf-compiler debhelper dpkg-dev rpm)

# fingerprint_of PATH...: of what is built from these, with these tools and at this time; as it was, when they are.
fingerprint_of() {
    (cd "$root" && find "$@" \( -name bin -o -name obj \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
        echo "$SOURCE_DATE_EPOCH" "$(dotnet --version)" "$(dpkg-query -W "${tools[@]}" 2>/dev/null)") | sha256sum | cut -d' ' -f1
}

payload_fingerprint() {
    fingerprint_of proto src kamailio Directory.{Build,Packages}.props global.json packaging/build/{lib,product,module,payload}.sh
}

packages_fingerprint() {
    fingerprint_of proto src kamailio Directory.{Build,Packages}.props global.json SECURITY.md CHANGELOG.md README.md LICENSE \
        packaging/{build,config,debian,docs,grafana,man,prometheus,rpm,systemd}
}
