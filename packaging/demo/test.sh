#!/usr/bin/env bash
# Builds and runs every suite; the last line is the sum: 'N passed, N failed, N skipped'.
source "$(dirname "$0")/lib.sh"

need_sdk
need_capture
"$here/build.sh" all

results=$build/results
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0

tally() {
    printf '%-28s %5d passed, %d failed, %d skipped\n' "$@"
    ((passed += $2, failed += $3, skipped += $4)) || true
}

# run_script NAME LOG COMMAND...: its last line is its sum. A suite that ends without a result counts as one failed test.
run_script() {
    local name=$1 log=$results/$2 sum p=0 f=0 s=0 code=0
    shift 2
    "$@" 2>&1 | tee "$log" || code=1
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1) || true
    if [[ -n $sum ]]; then
        read -r p f s <<<"$(tr -dc '0-9 \n' <<<"$sum")"
    fi
    if ((code != 0 && f == 0)) || [[ -z $sum ]]; then f=$((f + 1)); fi
    if ((f)); then tail -n 30 "$log" >"$log.failed"; fi
    tally "$name" "$p" "$f" "$s"
}

run_module_tests() {
    run_script kamailio/module module.log \
        make -s -C "$root/kamailio/module" test KAMAILIO_SRC="$("$here/kamailio-source.sh")" BUILD="$build/module"
}

# On a fresh Debian; without root or debootstrap it says so and counts as skipped.
run_package_tests() { run_script packaging packaging.log "$root/packaging/test/packages.sh"; }

# What integrators start from must be what Kamailio accepts, with the module just built.
check_configurations() {
    local file p=0 f=0 s=0 modules stock=/etc/kamailio/kamailio.cfg
    modules=$(dirname "$(dpkg -L kamailio | grep '/tm\.so$')")
    local files=("$root"/kamailio/demo/kamailio.cfg "$root"/kamailio/routes/example-*.cfg
        "$root"/tests/ImSidecar.Benchmarks/{kamailio,presence,msilo,msrp/kamailio}.cfg
        "$root"/tests/ImSidecar.EndToEnd.Tests/Xdm/xcap-server.cfg)
    # The file of Debian's package with our steps, beside what it includes; not where the machine's own was changed.
    if dpkg-query -W -f '${Conffiles}\n' kamailio | awk -v f="$stock" '$1 == f { print $2 "  " f }' |
        md5sum --check --status 2>/dev/null; then
        mkdir -p "$results/stock"
        cp "$root"/kamailio/routes/im-*.cfg "$results/stock/"
        if patch --quiet --fuzz=0 --output="$results/stock/kamailio.cfg" "$stock" \
            "$root/kamailio/routes/stock-debian.patch"; then
            files+=("$results/stock/kamailio.cfg")
        else
            f=1
            echo "patch: stock-debian.patch does not fit $stock"
        fi
    else
        s=1
        echo "kamailio -c: $stock of this machine was changed, so our steps are not tried on it"
    fi
    for file in "${files[@]}"; do
        if kamailio -c -L "$modules:$build/module" -f "$file" >"$results/kamailio-c.log" 2>&1; then
            p=$((p + 1))
        else
            f=$((f + 1))
            echo "kamailio -c does not accept $file:"
            grep -E 'ERROR|CRITICAL' "$results/kamailio-c.log" || tail -n 3 "$results/kamailio-c.log"
        fi
    done
    tally "kamailio -c" "$p" "$f" "$s"
}

# Four of the cuts of 'make split', one of each kind; without root it says so and counts as skipped.
run_split_tests() { ROUNDS=4 SEED=483 run_script "make split, short" split.log timeout -s KILL 300 "$here/split.sh"; }

# check_bench NAME: not timed, only that every mode works.
check_bench() {
    local code=0 modes
    modes=$("$here/$1.sh" count)
    "$here/$1.sh" smoke || code=$?
    tally "make $1, smoke" $((modes - code)) "$code" 0
}

attribute() { sed -nE "s/.*<assembly [^>]*[ ]$2=\"([0-9]+)\".*/\1/p" "$1" | head -n 1; }

run_xunit_project() {
    local name=$1 file=$results/$1.xml p=0 f=0 s=0 e=0 code=0
    dotnet "$root/tests/$name/bin/$configuration/net10.0/$name.dll" -noLogo -noColor -reporter quiet -xml "$file" || code=$?
    if [[ -s $file ]]; then
        p=$(attribute "$file" passed) f=$(attribute "$file" failed)
        s=$(attribute "$file" skipped) e=$(attribute "$file" errors)
    fi
    p=${p:-0} f=$((${f:-0} + ${e:-0})) s=${s:-0}
    if ((code != 0 && f == 0)) || [[ ! -s $file ]]; then f=1; fi
    tally "$name" "$p" "$f" "$s"
}

# What failed, once more at the end: of a long output the end is what is read.
show_failures() {
    local file
    for file in "$results"/*.failed; do
        echo "== the end of $(basename "$file" .failed)"
        cat "$file"
    done
    python3 -B "$here/failures.py" "$results"/*.xml
}

run_module_tests
check_configurations
check_bench bench
check_bench bench-cluster
for project in "$root"/tests/*.Tests; do
    run_xunit_project "$(basename "$project")"
done
run_split_tests
run_package_tests

if ((failed)); then (shopt -s nullglob && show_failures); fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
