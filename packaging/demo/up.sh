#!/usr/bin/env bash
# Builds what changed, starts Kamailio and the sidecar in the background; returns when both are ready.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"

link=$build/up

addresses() {
    cat <<END
handsets  sip:127.0.0.1:5060 (UDP, TCP), realm example.com, any user name, password demo
core      sip:127.0.0.1:5070 (UDP, TCP), trusted
factory   sip:conf-factory@im.example.com
groups    sip:NAME@groups.example.com
MSRP      127.0.0.1:2855 (TCP)
HTTP      http://127.0.0.1:8080/health/ready
logs      $(readlink "$link")
Stop both with 'make down'.
END
}

if running "$link" kamailio >/dev/null && running "$link" sidecar >/dev/null; then
    note "already up"
    addresses
    exit 0
fi

"$here/down.sh"
need_ports
"$here/build.sh" product
folder=$(mktemp -d /tmp/imsidecar.XXXXXX)
ln -sfn "$folder" "$link"
trap 'stop_stack "$folder"' EXIT
trap 'exit 1' HUP INT TERM
start_stack "$folder"
trap - EXIT

note "up"
addresses
