#!/usr/bin/env bash
# The packages: clean by lintian, sandboxed, and on a fresh Debian installed, used, upgraded under a group chat, removed and
# purged. The last line is the sum. 'keep' as its argument keeps the folder of the fresh Debian.
source "$(dirname "$0")/lib.sh"

test=$(dirname "$(readlink -f "$0")")
keep=${1:-}
"$root/packaging/build/deb.sh"
"$root/packaging/build/rpm.sh"

clean_by_rpmlint() {
    local said
    said=$(rpmlint -c "$root/packaging/rpm/rpmlint.toml" "$packages"/rpm/*.rpm 2>&1) || true
    grep -q ' 0 errors, 0 warnings' <<<"$said" || { grep -E ': [EW]: ' <<<"$said"; return 1; }
}

# Sums and names of what lies in /usr/lib/imsidecar.
programs_of_rpm() {
    rpm -qp --qf '[%{FILEDIGESTS} %{FILENAMES}\n]' "$packages"/rpm/imsidecar-common-*.rpm 2>/dev/null |
        grep ' /usr/lib/imsidecar/' | sort -k 2
}
programs_of_deb() {
    local folder
    folder=$(mktemp -d)
    dpkg-deb -x "$packages/deb/imsidecar-common_${version}_amd64.deb" "$folder"
    (cd "$folder" && find usr/lib/imsidecar -type f -print0 | xargs -0 sha256sum | sed 's,  , /,' | sort -k 2)
    rm -rf "$folder"
}

# Processes, mounts and network of the test end with it, and it with its time.
live() {
    local sum p f s
    "$root/packaging/demo/build.sh" product
    timeout -s KILL 900 unshare -mnpf --kill-child --mount-proc "$test/life.sh" "$keep" 2>&1 | tee "$packages/life.log" || true
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$packages/life.log" | tail -n 1) || true
    read -r p f s <<<"$(tr -dc '0-9 ' <<<"$sum")" || true
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1})) skipped=$((skipped + ${s:-0}))
}

for unit in imsidecar imsidecar-msrp-relay; do
    if command -v systemd-analyze >/dev/null; then
        check "$unit.service is exposed at 2.5 or less" \
            systemd-analyze security --offline=yes --threshold=25 "$root/packaging/systemd/$unit.service" || true
    else
        skip "the exposure of $unit.service" "there is no systemd-analyze here"
    fi
done

if command -v lintian >/dev/null; then
    check "lintian has no error and no warning" \
        lintian --allow-root --fail-on error,warning "$packages"/deb/*.deb || true
else
    skip "lintian" "it is not installed"
fi

if command -v rpmlint >/dev/null; then
    check "rpmlint has no error and no warning" clean_by_rpmlint || true
else
    skip "rpmlint" "it is not installed"
fi
check "the rpms hold the programs of the debs" is "$(programs_of_rpm)" "$(programs_of_deb)" || true

check "another build, elsewhere, gives the same bytes" "$test/reproducible.sh" || true

sbom=$("$root/packaging/build/sbom.sh" | tail -n 1)
check "the list of components has every package, with licence and hash" \
    /usr/bin/python3 -B "$root/packaging/sbom/check.py" "$sbom" "$root/Directory.Packages.props" \
    "$packages"/payload/product/{imsidecar,imsidecarctl}.deps.json || true
check "the copyright of the Debian packages names each library that ships" \
    /usr/bin/python3 -B "$root/packaging/sbom/copyright.py" "$root/packaging/debian/copyright" "$packages/payload/product" ||
    true

if ((EUID != 0)); then
    skip "the packages on a fresh Debian" "only root can make one"
elif ! command -v debootstrap >/dev/null; then
    skip "the packages on a fresh Debian" "debootstrap is not installed"
elif ! unshare -mnpf true 2>/dev/null; then
    skip "the packages on a fresh Debian" "this machine lets nobody have namespaces of his own"
else
    code=0
    said=$("$test/debian.sh" | tee /dev/stderr) || code=$?
    case $code in
        0) live ;;
        "$not_here") skip "the packages on a fresh Debian" "${said##*$'\n'}" ;;
        *) check "a fresh Debian with what the packages need can be made" false || true ;;
    esac
fi

finish_tests
