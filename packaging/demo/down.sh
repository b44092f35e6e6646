#!/usr/bin/env bash
# Stops what up.sh started, and nothing else; removes its temporary folder.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"

link=$build/up
[[ -L $link ]] || exit 0

stop_stack "$link"
folder=$(readlink "$link")
rm -f "$link"
if [[ $folder == /tmp/imsidecar.* ]]; then rm -rf "$folder"; fi
