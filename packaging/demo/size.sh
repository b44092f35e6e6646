#!/usr/bin/env bash
# Ten thousand conferences of five at once through a real Kamailio, then sessions of a thousand; prints what each costs.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"

tests=ImSidecar.EndToEnd.Tests
run() {
    timeout --foreground 600 dotnet "$root/tests/$tests/bin/$configuration/net10.0/$tests.dll" -noLogo -noColor -showLiveOutput \
        "$@" | sed -uE "s/^ +$tests\.Size\.[A-Za-z]+\.([A-Za-z_]+) \[OUTPUT\] /\1: /"
}

need_sdk
need_ports u5060 t5060 u5070 t5070 t8080 t2855
"$here/build.sh" all
run -explicit only -class "$tests.Size.SizeRun"
run -explicit on -class "$tests.Size.ThousandTests"
