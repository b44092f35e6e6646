#!/usr/bin/env bash
# Installs the Debian packages that build, demo and tests need; does nothing when all are there.
# No service starts by itself meanwhile, and /usr/sbin/policy-rc.d is afterwards what it was.
source "$(dirname "$0")/lib.sh"

packages=(
    kamailio kamailio-presence-modules kamailio-tls-modules kamailio-websocket-modules
    curl openssl sip-tester tshark iproute2 procps
    build-essential patch pkg-config dpkg-dev
    libssl-dev libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
    python3-grpcio python3-protobuf libxml2-utils libsqlite3-0 postgresql
    debhelper lintian rpm rpmlint debootstrap systemd python3-seccomp
)

policy=/usr/sbin/policy-rc.d
kept=$policy.kept-by-imsidecar    # the machine's own, if it has one
marker=$policy.made-by-imsidecar  # says that the one in place is ours

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done
}

keep_services_from_starting() {
    [[ ! -e $policy && ! -L $policy ]] || mv -T "$policy" "$kept"
    : >"$marker"
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

# Also what a run that was killed left behind.
restore_policy() {
    if [[ -e $marker ]]; then rm -f "$policy"; fi
    if [[ -e $kept || -L $kept ]]; then mv -T "$kept" "$policy"; fi
    rm -f "$marker"
}

command -v dpkg-query >/dev/null || die "this is not Debian; the packages are: ${packages[*]}."

mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)) && { ((EUID != 0)) || [[ ! -e $marker && ! -e $kept && ! -L $kept ]]; }; then exit 0; fi
((EUID == 0)) ||
    die "only root may install what is missing; run 'sudo apt-get install ${missing[*]}' and then this again."

exec 9>/run/lock/imsidecar-deps
flock 9
trap restore_policy EXIT
trap 'exit 1' HUP INT TERM
restore_policy
((${#missing[@]})) || exit 0

note "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
"${apt[@]}" update || die "'apt-get update' failed; check this machine's package sources."
keep_services_from_starting
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$build/apt.log" 2>&1 ||
    die "'apt-get install' failed: $(tail -n 1 "$build/apt.log") (all of it: $build/apt.log)."

# Nor is Kamailio to take the profile's ports when the machine starts again; the tests start a PostgreSQL of their own.
for service in kamailio postgresql; do
    if [[ " ${missing[*]} " == *" $service "* ]] && command -v systemctl >/dev/null; then
        systemctl disable "$service.service" >/dev/null 2>&1 || true
    fi
done
