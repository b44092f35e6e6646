#!/usr/bin/env bash
# Removes what was built; Kamailio's source stays, it is fetched and not built.
source "$(dirname "$0")/lib.sh"

"$here/down.sh"
rm -rf "$build"/{module,previous,results,packages} "$build"/*.stamp "$build"/*.log
find "$root/src" "$root/tests" -mindepth 2 -maxdepth 2 \( -name bin -o -name obj \) -prune -exec rm -rf {} +
