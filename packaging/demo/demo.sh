#!/usr/bin/env bash
# Builds what changed, starts Kamailio and the sidecar, plays the scenes, stops both. Its exit code is theirs.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"

need_capture
need_ports
"$here/build.sh" product
folder=$(mktemp -d /tmp/imsidecar.XXXXXX)
interrupted=
finish_demo() {
    trap '' HUP INT TERM
    stop_stack "$folder"
    if [[ $interrupted ]]; then rm -rf "$folder"; fi
}
trap finish_demo EXIT
trap 'interrupted=yes; exit 1' HUP INT TERM
start_stack "$folder"

code=0
dotnet "$client" demo --operator "$here/operator.sh" --folder "$folder" || code=$?

stop_stack "$folder"
if ((code)); then
    echo "imsidecar: the demo failed; the logs are in $folder." >&2
else
    rm -rf "$folder"
fi
exit "$code"
