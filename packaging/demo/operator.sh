#!/usr/bin/env bash
# What the operator does while a scene is played. FOLDER restart: kills the sidecar with -9 and starts it again; returns
# when Kamailio has found it. FOLDER kept USER: what is kept for that user.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"

usage() { die "operator.sh takes FOLDER restart, or FOLDER kept USER."; }

restart() {
    local pid tries
    pid=$(running "$folder" sidecar) || die "no sidecar runs in $folder."
    kill -KILL "$pid"
    for ((tries = 0; tries < 100; tries++)); do
        running "$folder" sidecar >/dev/null || break
        sleep 0.05
    done
    # Why a scene failed may stand in the first one.
    mv "$folder/sidecar.log" "$folder/sidecar.killed.log"
    launch_demo_sidecar "$folder"
    await_stack "$folder"
    for ((tries = 0; tries < 100; tries++)); do
        if is_attached "$folder"; then return 0; fi
        sleep 0.1
    done
    die "Kamailio did not find the new sidecar within 10 s; the logs are in $folder."
}

(($# >= 2)) || usage
folder=$1
case $2 in
restart) restart ;;
kept) dotnet "$control" deferred --user "${3:?}" --socket "$folder/admin.sock" ;;
*) usage ;;
esac
