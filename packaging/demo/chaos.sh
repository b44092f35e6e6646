#!/usr/bin/env bash
# People meet and talk through a real Kamailio while sidecar and Kamailio are killed and frozen at random points; after each
# time everything must be in order. MINUTES=3 (at most 30), SEED=a number to play the same plan again.
source "$(dirname "$0")/lib.sh"

minutes=${MINUTES:-3}
seed=${SEED:-$((RANDOM * 32 + RANDOM % 32 + 1))}
[[ $minutes =~ ^[1-9][0-9]?$ ]] && ((minutes <= 30)) || die "MINUTES must be 1 to 30."
[[ $seed =~ ^[0-9]{1,9}$ ]] || die "SEED must be a number."

need_sdk
"$here/build.sh" all
note "chaos for $minutes minutes, SEED=$seed"
export IMSIDECAR_CHAOS_MINUTES=$minutes IMSIDECAR_CHAOS_SEED=$seed
tests=ImSidecar.EndToEnd.Tests
exec dotnet "$root/tests/$tests/bin/$configuration/net10.0/$tests.dll" -noLogo -noColor -diagnostics \
    -explicit only -class "$tests.Chaos.ChaosTests"
