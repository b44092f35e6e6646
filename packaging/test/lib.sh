# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by packages.sh: what is true is counted, what is not is told.
source "$(dirname "${BASH_SOURCE[0]}")/../build/lib.sh"

passed=0 failed=0 skipped=0
not_here=2 # what debian.sh ends with where this machine cannot, and nothing is wrong

# check SENTENCE COMMAND...: the sentence is true when the command succeeds; what it says is shown when not.
check() {
    local sentence=$1 said
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1))
        [[ ! ${VERBOSE:-} ]] || echo "ok   $sentence"
    else
        failed=$((failed + 1))
        echo "FAIL $sentence"
        tail -n 15 <<<"$said" | sed 's/^/     /'
        return 1
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "SKIPPED $1: $2"
}

is() { [[ $1 == "$2" ]] || { echo "'$1' instead of '$2'"; return 1; }; }

not() { ! "$@"; }

finish_tests() {
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0))
}
