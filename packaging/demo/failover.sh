#!/usr/bin/env bash
# Two Kamailios, two sidecars and a PostgreSQL: one of the sidecars is killed, KILLS=50 times (at most 500), and its sessions
# go on at the other one. Prints how long that takes.
source "$(dirname "$0")/lib.sh"

kills=${KILLS:-50}
[[ $kills =~ ^[1-9][0-9]{0,2}$ ]] && ((kills <= 500)) || die "KILLS must be 1 to 500."

need_sdk
"$here/build.sh" all
note "$kills kills"
export IMSIDECAR_KILLS=$kills
tests=ImSidecar.EndToEnd.Tests
dotnet "$root/tests/$tests/bin/$configuration/net10.0/$tests.dll" -noLogo -noColor -showLiveOutput \
    -explicit only -class "$tests.Cluster.FailoverRun" |
    sed -uE "s/^ +$tests\.Cluster\.FailoverRun\.[A-Za-z_]+ \[OUTPUT\] //"
