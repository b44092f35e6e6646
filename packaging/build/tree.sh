#!/usr/bin/env bash
# tree.sh FOLDER PRODUCT MODULE MODULES UNITS: all files of all packages as they lie on the machine, below FOLDER. MODULES is
# the folder of Kamailio's modules and UNITS that of systemd's units, both as on the machine.
source "$(dirname "$0")/lib.sh"

tree=$1 product=$2 module=$3 modules=$4 units=$5

place() { install -D -m "$1" "$2" "$tree/$3"; }

rm -rf "${tree:?}"/{usr,etc,lib}
mkdir -p "$tree/usr/lib" "$tree/usr/sbin" "$tree/usr/bin"
cp -a "$product" "$tree/usr/lib/imsidecar"
ln -s ../lib/imsidecar/imsidecar "$tree/usr/sbin/imsidecar"
ln -s ../lib/imsidecar/imsidecarctl "$tree/usr/bin/imsidecarctl"

place 644 "$root/packaging/config/imsidecar.json" etc/imsidecar/imsidecar.json
# Kamailio reaches the gateway by this group and nothing else; the packages make it.
sed -i -E 's/^( *"SocketGroup": )""/\1"imsidecar-gateway"/' "$tree/etc/imsidecar/imsidecar.json"
grep -q '"SocketGroup": "imsidecar-gateway"' "$tree/etc/imsidecar/imsidecar.json" ||
    die "packaging/config/imsidecar.json has no Gateway:SocketGroup to set."

for unit in imsidecar imsidecar-msrp-relay; do
    place 644 "$root/packaging/systemd/$unit.service" "$units/$unit.service"
done

place 644 "$module" "$modules/im_sidecar.so"
for routes in im-sidecar im-edge; do
    place 644 "$root/kamailio/routes/$routes.cfg" "etc/kamailio/$routes.cfg"
done
for example in "$root"/kamailio/routes/{example-*.cfg,stock-debian.patch}; do
    place 644 "$example" "usr/share/doc/kamailio-im-sidecar/examples/$(basename "$example")"
done
place 644 "$root/kamailio/module/README" usr/share/doc/kamailio-im-sidecar/README
place 644 "$root/kamailio/README.md" usr/share/doc/kamailio-im-sidecar/README.routes.md
place 644 "$root/README.md" usr/share/doc/imsidecar/README.md
place 644 "$root/SECURITY.md" usr/share/doc/imsidecar/SECURITY.md
for file in capacity.md capacity.py; do
    place 644 "$root/packaging/docs/$file" "usr/share/doc/imsidecar/$file"
done
place 644 "$root/packaging/grafana/imsidecar.json" usr/share/doc/imsidecar/examples/grafana.json
for file in alerts.yml scrape.yml; do
    place 644 "$root/packaging/prometheus/$file" "usr/share/doc/imsidecar/examples/$file"
done

for page in "$root"/packaging/man/*.[158]; do
    place 644 "$page" "usr/share/man/man${page##*.}/$(basename "$page")"
    sed -i "s/@VERSION@/$version/; s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)/" \
        "$tree/usr/share/man/man${page##*.}/$(basename "$page")"
done
mkdir -p "$tree/usr/share/man/man5"
/usr/bin/python3 -B "$root/packaging/man/configuration.py" "$root/packaging/config/imsidecar.json" "$version" \
    >"$tree/usr/share/man/man5/imsidecar.json.5"

# The control tool writes its own, if this release of it can.
completion=$tree/usr/share/bash-completion/completions/imsidecarctl
mkdir -p "$(dirname "$completion")"
if ! "$product/imsidecarctl" completion bash >"$completion" 2>/dev/null || [[ ! -s $completion ]]; then
    rm -rf "$tree/usr/share/bash-completion"
fi
