#!/usr/bin/env bash
# Says in one sentence if the .NET SDK is missing or too old.
source "$(dirname "$0")/lib.sh"

need_sdk
