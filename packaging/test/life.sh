#!/usr/bin/env bash
# life.sh [keep]: the life of the packages on a fresh Debian, in namespaces of its own (packages.sh makes them). systemd does not
# run in there: units.py takes its place, and 'systemctl' of the maintainers' scripts asks it.
source "$(dirname "$0")/lib.sh"
test=$(dirname "$(readlink -f "$0")")

# What an earlier run has kept.
rm -rf --one-file-system "$packages"/life.??????
folder=$(mktemp -d "$packages/life.XXXXXX")
fresh=$folder/root logs=$folder/logs
mkdir -p "$fresh" "$logs"

clean_up() {
    in_fresh systemctl exit >/dev/null 2>&1 || true
    umount -R "$fresh" 2>/dev/null || true
    if ((failed)) || [[ ${1:-} == keep ]]; then
        echo "the fresh Debian and the logs are in $folder" >&2
    else
        rm -rf "$folder"
    fi
}
trap 'clean_up "${keep:-}"' EXIT
keep=${1:-}

in_fresh() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$fresh" "$@"; }
apt() {
    in_fresh apt-get -qy --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" \
        >>"$logs/apt.log" 2>&1 || { tail -n 15 "$logs/apt.log"; return 1; }
}
owner() { in_fresh stat -c '%U:%G %a' "$1"; }
# within SECONDS COMMAND...: it is so by then.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || { echo "FAIL no '$*' in time"; return 1; }
        sleep 0.1
    done
}
ready() { curl -m 5 -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1/health/ready"; }
becomes_ready() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        [[ $(ready "$1") != 200 ]] || return 0
        sleep 0.1
    done
    curl -m 5 -s "http://127.0.0.1:$1/health/ready"
    tail -n 5 "$logs"/*.service.log
    return 1
}
pid_of() { in_fresh systemctl pid "$1"; }
members() { in_fresh getent group "$1" | cut -d: -f4; }
version_of() { in_fresh dpkg-query -W -f '${Version}' "$1"; }
# What is left of us on the machine; dpkg's own records of what once was are not ours.
left_over() {
    find "$fresh" -xdev \( -path "$fresh/debs" -o -path "$fresh/var/log" -o -path "$fresh/proc" -o -path "$fresh/var/cache/apt" \) \
        -prune -o \( -name '*imsidecar*' -o -name '*im_sidecar*' -o -name '*im-sidecar*' -o -name 'im-edge*' \) -print |
        sed "s,^$fresh,,"
}
left_users() { in_fresh getent passwd imsidecar; in_fresh getent group imsidecar imsidecar-gateway; true; }

# next_release DEB: the same with the next version, and with another remark at the end of the configuration.
next_release() {
    local tree=$folder/next/$1
    mkdir -p "$tree"
    dpkg-deb -R "$packages/deb/$1_${version}_amd64.deb" "$tree"
    sed -i -E "s/^Version: .*/Version: $next/; s/\(= ${version//./\\.}\)/(= $next)/g" "$tree/DEBIAN/control"
    if [[ -f $tree/etc/imsidecar/imsidecar.json ]]; then
        echo "// The next release has a remark more." >>"$tree/etc/imsidecar/imsidecar.json"
        (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    fi
    dpkg-deb -Znone --root-owner-group -b "$tree" "$fresh/debs/" >/dev/null
}
next=$version+next1

ip link set lo up
tar -C "$fresh" -xf "$packages/debian.tar"
chmod 755 "$fresh"
mount --bind "$fresh" "$fresh"
mount -t proc proc "$fresh/proc"
mount --rbind /dev "$fresh/dev"
mkdir "$fresh/debs"
cp "$packages"/deb/*.deb "$fresh/debs/"
rm "$fresh"/debs/*-dbgsym*.deb
/usr/bin/python3 -B "$test/units.py" "$fresh" "$logs" >"$logs/units.log" 2>&1 &
within 20 test -S "$fresh/run/systemd/notify"
debs() { local each; for each in "$@"; do echo "/debs/${each}_${for:-$version}_amd64.deb"; done; }

note "a machine that is a relay only"
check "the relay installs alone" apt install $(debs imsidecar-common imsidecar-msrp-relay)
check "it waits for its configuration" not in_fresh systemctl is-active imsidecar-msrp-relay
sed -i '/"MsrpControl"/,/}/ s,"Socket": "","Socket": "/run/imsidecar-msrp/msrp.sock",' "$fresh/etc/imsidecar/imsidecar.json"
check "it starts when it is configured" in_fresh systemctl start imsidecar-msrp-relay || true
check "it is ready" becomes_ready 8081 || true
was=$(pid_of imsidecar-msrp-relay)
for each in imsidecar-common imsidecar-msrp-relay; do next_release "$each"; done
check "the next release installs" apt install $(for=$next debs imsidecar-common imsidecar-msrp-relay) || true
check "the relay runs again" in_fresh systemctl is-active imsidecar-msrp-relay || true
check "and not the old program" not is "$(pid_of imsidecar-msrp-relay)" "$was" || true
check "it is ready again" becomes_ready 8081 || true
check "nothing waits to be started" not test -e "$fresh/run/imsidecar-upgrade" || true
check "its control socket is for its group" is "$(owner /run/imsidecar-msrp/msrp.sock)" "imsidecar:imsidecar 660" || true
check "it purges" apt purge imsidecar-msrp-relay imsidecar-common || true
check "it is stopped then" not in_fresh systemctl is-active imsidecar-msrp-relay || true
check "nothing is left of it" is "$(left_over)" "" || true
check "no user or group is left of it" is "$(left_users)" "" || true

note "a machine with Debian's Kamailio"
check "Kamailio of Debian installs" apt install "kamailio=$(dpkg-query -W -f '${Version}' kamailio)"
untouched=$(sha256sum "$fresh/etc/kamailio/kamailio.cfg")
check "the packages install beside it" apt install $(debs imsidecar-common imsidecar kamailio-im-sidecar)
check "the sidecar runs, as it comes" in_fresh systemctl is-active imsidecar || true
check "kamailio.cfg is as it was" is "$(sha256sum "$fresh/etc/kamailio/kamailio.cfg")" "$untouched" || true
check "the configuration is root's, and the service reads it" is "$(owner /etc/imsidecar)" "root:imsidecar 750" || true
check "the state is the service's" is "$(owner /var/lib/imsidecar)" "imsidecar:imsidecar 750" || true
check "the store is for the service alone" is "$(owner /var/lib/imsidecar/imsidecar.db)" "imsidecar:imsidecar 600" || true
check "the gateway socket is for Kamailio's group" \
    is "$(owner /run/imsidecar/gateway.sock)" "imsidecar:imsidecar-gateway 660" || true
check "the admin socket is for the service's group" is "$(owner /run/imsidecar/admin.sock)" "imsidecar:imsidecar 660" || true
check "Kamailio's user is in the gateway's group" is "$(members imsidecar-gateway)" "imsidecar,kamailio" || true
check "and not in the service's" is "$(members imsidecar)" "" || true
check "Kamailio's user is no administrator" \
    not in_fresh setpriv --reuid kamailio --regid kamailio --init-groups imsidecarctl msrp || true
check "root is one" in_fresh imsidecarctl msrp || true
check "the manual pages are there" \
    in_fresh test -e /usr/share/man/man8/imsidecar.8.gz -a -e /usr/share/man/man5/imsidecar.json.5.gz || true

# The administrator: the example of the documentation, three users, more memory, a shorter wait for lost connections.
sed 's,^log_facility,debug=2\n&,' "$fresh/usr/share/doc/kamailio-im-sidecar/examples/example-kamailio.cfg" \
    >"$fresh/etc/kamailio/kamailio.cfg"
mkdir -p "$fresh/etc/kamailio/dbtext"
cp "$fresh"/usr/share/kamailio/dbtext/kamailio/version "$fresh/etc/kamailio/dbtext/"
{
    head -n 1 "$fresh/usr/share/kamailio/dbtext/kamailio/subscriber"
    row=0
    for user in alice bob carol dave; do
        echo "$((++row)):$user:example.com:-:$(printf '%s' "$user:example.com:demo" | md5sum | cut -d" " -f1):-"
    done
} >"$fresh/etc/kamailio/dbtext/subscriber"
echo "1 127.0.0.1" >"$fresh/etc/kamailio/address.list"
echo "SHM_MEMORY=256" >>"$fresh/etc/default/kamailio"
sed -i 's,"MediaReconnect": "00:00:30","MediaReconnect": "00:00:04",' "$fresh/etc/imsidecar/imsidecar.json"
ours=$(sha256sum "$fresh/etc/imsidecar/imsidecar.json")
# Secrets: root alone may read the files; the log tells everything there is to tell.
head -c 32 /dev/urandom | base64 >"$fresh/etc/imsidecar/message-key"
printf '%s\n' "alice:example.com:$(printf 'alice:example.com:wonderland' | md5sum | cut -d' ' -f1)" \
    >"$fresh/etc/imsidecar/xcap-users"
chmod 600 "$fresh"/etc/imsidecar/{message-key,xcap-users}
mkdir -p "$fresh/etc/systemd/system/imsidecar.service.d"
cat >"$fresh/etc/systemd/system/imsidecar.service.d/secrets.conf" <<'END'
[Service]
LoadCredential=message-key:/etc/imsidecar/message-key
LoadCredential=xcap-users:/etc/imsidecar/xcap-users
Environment=IMSIDECAR_DeferredStore__KeyFiles__0=/run/credentials/imsidecar.service/message-key
Environment=IMSIDECAR_XcapServer__DigestFile=/run/credentials/imsidecar.service/xcap-users
Environment=IMSIDECAR_Logging__LogLevel__Default=Trace IMSIDECAR_Logging__LogLevel__Microsoft.AspNetCore=Trace
END
check "the service starts again with the administrator's configuration" in_fresh systemctl restart imsidecar
check "Kamailio starts with the example of the documentation" in_fresh systemctl restart kamailio
check "the module has attached" becomes_ready 8080

xcap() { curl -s -o /dev/null -w '%{http_code}' --digest -u "$1" "http://127.0.0.1:8080/xcap-root/$2"; }
check "a password from a credential is taken" \
    is "$(xcap alice:wonderland org.openmobilealliance.xcap-directory/users/sip:alice@example.com/directory.xml)" 200 || true
check "a wrong one is not" is "$(xcap alice:looking-glass xcap-caps/global/index)" 401 || true

note "a group chat, and the next release under it"
/usr/bin/python3 -B "$test/scene.py" "$client" "$folder" >"$logs/scene.log" &
scene=$!
is_ready_for_upgrade() { [[ -e $folder/waiting ]] || ! kill -0 "$scene" 2>/dev/null; }
within 180 is_ready_for_upgrade
sidecar_pid=$(pid_of imsidecar) kamailio_pid=$(pid_of kamailio)
for each in imsidecar kamailio-im-sidecar; do next_release "$each"; done
check "the next release installs" apt install $(for=$next debs imsidecar-common imsidecar kamailio-im-sidecar) || true
check "it is the next release" is "$(version_of imsidecar)" "$next" || true
check "the administrator's configuration stays" is "$(sha256sum "$fresh/etc/imsidecar/imsidecar.json")" "$ours" || true
check "that of the release lies beside it" test -e "$fresh/etc/imsidecar/imsidecar.json.dpkg-dist" || true
check "the service was restarted" not is "$(pid_of imsidecar)" "$sidecar_pid" || true
check "the service runs" in_fresh systemctl is-active imsidecar || true
check "Kamailio was not" is "$(pid_of kamailio)" "$kamailio_pid" || true
touch "$folder/upgraded"
wait "$scene" || true
while read -r verdict sentence; do
    check "$sentence" is "$verdict" ok || true
done < <(sed 's/^not ok/not-ok/' "$logs/scene.log")
check "the chat was played to its end" is "$(grep -c ^ok "$logs/scene.log")" 7 || true
check "the service keeps the watchdog quiet" grep -q WATCHDOG=1 <(in_fresh systemctl said imsidecar) || true

told() { grep -rlF -- "$1" "$logs"/imsidecar.service.log /proc/"$(pid_of imsidecar)"/{cmdline,environ}; }
check "the log is at its most talkative" grep -q trce "$logs/imsidecar.service.log" || true
check "no log, command line or environment has a key" is "$(told "$(cat "$fresh/etc/imsidecar/message-key")")" "" || true
check "nor a password or its hash" is "$(told wonderland; told "$(cut -d: -f3 "$fresh/etc/imsidecar/xcap-users")")" "" || true
check "nor what people say" is "$(told 'before the upgrade'; told 'after the upgrade')" "" || true

note "the end"
check "the packages are removed" apt remove imsidecar imsidecar-common kamailio-im-sidecar || true
check "the service is stopped" not in_fresh systemctl is-active imsidecar || true
check "configuration and state stay" test -e "$fresh/etc/imsidecar/imsidecar.json" -a -e "$fresh/var/lib/imsidecar/imsidecar.db" -a \
    -e "$fresh/etc/kamailio/im-sidecar.cfg" || true
rm -r "$fresh"/etc/systemd/system/imsidecar.service.d "$fresh"/etc/imsidecar/{message-key,xcap-users}
mount --bind "$fresh/var/lib/imsidecar" "$fresh/var/lib/imsidecar"
check "the packages are purged, with a state on a disk of its own" \
    apt purge imsidecar imsidecar-common kamailio-im-sidecar || true
check "nothing is on that disk" is "$(ls -A "$fresh/var/lib/imsidecar")" "" || true
umount "$fresh/var/lib/imsidecar" && rmdir "$fresh/var/lib/imsidecar"
check "nothing is left" is "$(left_over)" "" || true
check "no user or group is left" is "$(left_users)" "" || true
check "the administrator's kamailio.cfg is left alone" test -e "$fresh/etc/kamailio/kamailio.cfg" || true

note "the packages for rpm, where those of Debian were"
mkdir "$fresh/rpms"
cp "$packages"/rpm/*.rpm "$fresh/rpms/"
# The libraries are there, by Debian's packages; rpm knows nothing of them.
rpm() { command rpm --root "$fresh" --dbpath /var/lib/rpm-of-test --nodeps "$@"; }
check "they install" rpm -i "$fresh"/rpms/*.rpm || true
check "the configuration is root's, and the service reads it" is "$(owner /etc/imsidecar)" "root:imsidecar 750" || true
check "the state is the service's" is "$(owner /var/lib/imsidecar)" "imsidecar:imsidecar 750" || true
check "Kamailio's user is in the gateway's group" is "$(members imsidecar-gateway)" "imsidecar,kamailio" || true
check "the service starts" in_fresh systemctl start imsidecar || true
was=$(pid_of imsidecar)
echo "// The administrator was here." >>"$fresh/etc/imsidecar/imsidecar.json"
ours=$(sha256sum "$fresh/etc/imsidecar/imsidecar.json")
check "they upgrade" rpm -U --force "$fresh"/rpms/*.rpm || true
check "the service was restarted" not is "$(pid_of imsidecar)" "$was" || true
check "the administrator's configuration stays" is "$(sha256sum "$fresh/etc/imsidecar/imsidecar.json")" "$ours" || true
check "they are removed" rpm -e imsidecar imsidecar-msrp-relay imsidecar-common kamailio-im-sidecar || true
check "the service is stopped" not in_fresh systemctl is-active imsidecar || true
check "the administrator's configuration lies there still" test -e "$fresh/etc/imsidecar/imsidecar.json.rpmsave" || true

finish_tests
