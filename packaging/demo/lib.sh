# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where things are, and how they say no.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/packaging/demo
build=${IMSIDECAR_BUILD:-$root/.build}
mkdir -p "$build"
build=$(cd "$build" && pwd)
export IMSIDECAR_BUILD=$build

configuration=Release
module=$build/module/im_sidecar.so
sidecar=$root/src/ImSidecar.Server/bin/$configuration/net10.0/imsidecar.dll
client=$root/src/ImSidecar.Client/bin/$configuration/net10.0/imclient.dll
control=$root/src/ImSidecar.Cli/bin/$configuration/net10.0/imsidecarctl.dll

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# No compiler or build server stays behind.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

die() {
    echo "imsidecar: $*" >&2
    exit 1
}

note() { echo "== $*"; }

need_sdk() {
    command -v dotnet >/dev/null || die "the .NET 10 SDK is missing (no 'dotnet' on the PATH); install it and run this again."

    if ! (cd "$root" && dotnet --version) >/dev/null 2>&1; then
        local installed
        installed=$(cd / && dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')
        die "a .NET SDK of the 10.0 line is needed, installed: ${installed:-none}."
    fi
}

# Whoever may capture on loopback may run the end-to-end tests.
need_capture() {
    dumpcap -i lo -L >/dev/null 2>&1 ||
        die "no right to capture on the loopback interface; run as root, or let this user run dumpcap (group wireshark)."
}
