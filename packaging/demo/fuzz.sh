#!/usr/bin/env bash
# Spoiled SIP and MSRP at the demo profile: MINUTES (3) from SEED (random, printed). tests/README.md says what is looked at.
# SANITIZE=1 builds the module with AddressSanitizer and UndefinedBehaviorSanitizer first.
source "$(dirname "$0")/lib.sh"

need_sdk
"$here/build.sh" all

export IMSIDECAR_FUZZ_MINUTES=${MINUTES:-3} IMSIDECAR_FUZZ_SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
if [[ ${SANITIZE:-0} == 1 ]]; then
    make -s -j"$(nproc)" -C "$root/kamailio/module" KAMAILIO_SRC="$("$here/kamailio-source.sh")" BUILD="$build/sanitized" \
        SANITIZE=1 || die "the module could not be built."
    export IMSIDECAR_MODULE=$build/sanitized/im_sidecar.so
    IMSIDECAR_KAMAILIO_PRELOAD=$(gcc -print-file-name=libasan.so)
    export IMSIDECAR_KAMAILIO_PRELOAD
fi
dotnet "$root/tests/ImSidecar.EndToEnd.Tests/bin/$configuration/net10.0/ImSidecar.EndToEnd.Tests.dll" \
    -noLogo -noColor -namespace ImSidecar.EndToEnd.Tests.Fuzz
