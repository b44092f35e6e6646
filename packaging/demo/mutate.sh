#!/usr/bin/env bash
# Takes each guard that carries a token out of the rules in turn: a test with that token must then fail.
# FILES="Refer Bye" looks at some files only.
source "$(dirname "$0")/lib.sh"

need_sdk
"$here/build.sh" all
read -ra files <<<"${FILES:-}"
dotnet "$root/tests/ImSidecar.Mutation/bin/$configuration/net10.0/ImSidecar.Mutation.dll" "$root" "${files[@]}"
