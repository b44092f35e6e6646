#!/usr/bin/env bash
# Spoiled SIP and MSRP at the demo profile, and MSRP cut anyhow at parser and switch: MINUTES (3) from SEED (random, printed).
# tests/README.md says what is looked at.
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
tests() { printf '%s/tests/ImSidecar.%s.Tests/bin/%s/net10.0/ImSidecar.%s.Tests.dll' "$root" "$1" "$configuration" "$1"; }
dotnet "$(tests Protocol)" -noLogo -noColor -class ImSidecar.Protocol.Tests.Msrp.MsrpFuzzTests
dotnet "$(tests Msrp)" -noLogo -noColor -class ImSidecar.Msrp.Tests.SplitFuzzTests
dotnet "$(tests EndToEnd)" \
    -noLogo -noColor -namespace ImSidecar.EndToEnd.Tests.Fuzz
