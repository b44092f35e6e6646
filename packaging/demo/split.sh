#!/usr/bin/env bash
# People meet through two Kamailios, two sidecars and a PostgreSQL, each in a network of its own, while each link between them
# is cut in turn; never may two sidecars own the same. ROUNDS=16 (each cut once), SEED=a number to play the same plan again.
# The last line is the sum.
source "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-16}
seed=${SEED:-$((RANDOM * 32 + RANDOM % 32 + 1))}
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || die "ROUNDS must be 1 to 999."
[[ $seed =~ ^[0-9]{1,9}$ ]] || die "SEED must be a number."

if ! unshare --net --mount true 2>/dev/null; then
    echo "only root may make networks to cut: nothing was cut."
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

need_sdk
"$here/build.sh" all
note "$rounds cuts, SEED=$seed"
export IMSIDECAR_SPLIT_ROUNDS=$rounds IMSIDECAR_SPLIT_SEED=$seed
tests=ImSidecar.EndToEnd.Tests
# The networks and their names go with the last process in them.
if unshare --net --mount sh -c 'mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && exec "$@"' sh \
    dotnet "$root/tests/$tests/bin/$configuration/net10.0/$tests.dll" -noLogo -noColor -diagnostics \
    -explicit only -class "$tests.Cluster.Split.SplitTests"; then
    echo "1 passed, 0 failed, 0 skipped"
else
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
