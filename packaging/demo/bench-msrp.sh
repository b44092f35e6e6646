# shellcheck shell=bash disable=SC2154
# Sourced by bench.sh: the MSRP relay beside a forwarder that only copies and Kamailio's module msrp, and the switch
# with legs that nobody but the bench has opened.

msrp=$bench/msrp
msrp_load=$build/bench/msrp-load
msrp_forward=$build/bench/msrp-forward
msrp_legs=$bench/legs/bin/$configuration/net10.0/ImSidecar.Benchmarks.Legs.dll
msrp_ports=(t2861 t2862 t2863 t2864 t2865 t2866 t2870 t8081)
# Who relays: a process of its own where it is measured, the sidecar where all modes are tried.
relay_process=sidecar
msrp_smoke=(forward kamailio ours ours-tls fan idle)
fan_legs=101

build_msrp() {
    cc -std=gnu11 -O2 -Wall -Wextra -Werror -o "$msrp_forward" "$msrp"/forward/*.c ||
        die "the forwarder could not be built."
    cc -std=gnu11 -O2 -Wall -Wextra -Werror -o "$msrp_load" "$msrp"/load/*.c -lssl -lcrypto ||
        die "the MSRP load generator could not be built."
}

# One certificate for all: of the relays, and of the peers behind them.
make_certificate() {
    local names
    names=$(printf ',IP:127.0.1.%d' {1..100})
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench \
        -addext "subjectAltName=IP:127.0.0.1$names" -keyout "$folder/key.pem" -out "$folder/certificate.pem" \
        2>"$folder/openssl.log" || die "no certificate could be made: $(tail -n 1 "$folder/openssl.log")."
    # user:realm:HA1, the password is the user's name.
    echo "bench:example.com:$(printf bench:example.com:bench | md5sum | cut -d' ' -f1)" >"$folder/users"
}

# What the sidecar is told besides: it relays.
relay_options() {
    printf -- '--%s\n' Relay:Listen=127.0.0.1:2864 Relay:TlsListen=127.0.0.1:2865 Relay:DigestFile="$folder/users" \
        Relay:Realm=example.com Relay:AllowPlainAuth=true Relay:AllowLoopbackTargets=true \
        Relay:MaxSessionsPerUser=100000 Relay:MaxSessionsPerAddress=100000 \
        MsrpTls:CertificateFile="$folder/certificate.pem" MsrpTls:KeyFile="$folder/key.pem" \
        MsrpTls:CertificateAuthorities="$folder/certificate.pem"
}

# The others. TLS of Kamailio needs a package of its own.
start_msrp_others() {
    launch "$folder" forward "$msrp_forward" 127.0.0.1:2861 127.0.1.1:2870
    if may_install kamailio-tls-modules; then : >"$folder/may-tls"; fi
    start_msrp_kamailio
}

start_msrp_kamailio() {
    local options=()
    [[ ! -e $folder/may-tls ]] ||
        options=(-A TLS_RELAY=127.0.0.1:2863 -A "CERTIFICATE=\"$folder/certificate.pem\"" -A "KEY=\"$folder/key.pem\"")
    mkdir -p "$folder/msrp"
    launch "$folder" msrp kamailio -DD -E -m 512 -M 16 -Y "$folder/msrp" -f "$msrp/kamailio.cfg" \
        -A "CTL_SOCKET=\"unixs:$folder/msrp.ctl\"" -A RELAY=127.0.0.1:2862 "${options[@]}"
    await_module msrp
}

# start_legs BRIDGES LEGS: a switch with so many bridges, and so many legs in each.
start_legs() {
    local tries
    launch "$folder" legs env DOTNET_GCgen0size=4000000 dotnet "$msrp_legs" 127.0.0.1:2866 "$@"
    for ((tries = 0; tries < 100; tries++)); do
        if grep -q ready "$folder/legs.log"; then return 0; fi
        sleep 0.1
    done
    die "the switch with legs did not start: $(grep . "$folder/legs.log" | tail -n 1)."
}

# relay FILE forward|kamailio|kamailio-tls|ours|ours-tls SIZE SESSIONS [OPTION...]
relay() {
    local file=$1 who=$2 size=$3 sessions=$4 port options=()
    shift 4
    case $who in
    forward) port=2861 options=(--cpu "relay=$(running "$folder" forward)") ;;
    kamailio) port=2862 options=(--cpu "relay=$(pids "$folder/msrp.processes" .)") ;;
    kamailio-tls) port=2863 options=(--cpu "relay=$(pids "$folder/msrp.processes" .)") ;;
    ours) port=2864 ;;
    ours-tls) port=2865 ;;
    esac
    [[ $who != ours* ]] || options=(--cpu "relay=$(running "$folder" "$relay_process")" --user bench --password bench)
    [[ $who != *-tls ]] || options+=(--certificate "$folder/certificate.pem" --key "$folder/key.pem")
    "$msrp_load" --mode relay --to "127.0.0.1:$port" --from 127.0.1.1:2870 --size "$size" --sessions "$sessions" \
        --window $((size > 8192 ? 4 : 16)) "${options[@]}" "$@" >"$file"
}

# compare_relays NAME ROUND SIZE SESSIONS WHO... [-- OPTION...]: right behind each other. Kamailio's TLS does not last: when
# it has ended, it is started anew and that round is not told.
compare_relays() {
    local name=$1 round=$2 size=$3 sessions=$4 who all=()
    shift 4
    while (($#)) && [[ $1 != -- ]]; do all+=("$1") && shift; done
    (($# == 0)) || shift
    for who in "${all[@]}"; do
        relay "$folder/$name.$who.$round" "$who" "$size" "$sessions" --warm 0.3 --seconds "$part" "$@" && continue
        [[ $who == kamailio* ]] || die "MSRP, $name, $who failed."
        note "Kamailio ended: $(grep -E 'ALERT|CRITICAL' "$folder/msrp.log" | head -n 1)"
        rm "$folder/$name.$who.$round"
        finish "$folder" msrp
        start_msrp_kamailio
    done
}

# fan FILE WINDOW [OPTION...]
fan() {
    local file=$1 window=$2
    shift 2
    "$msrp_load" --mode fan --to 127.0.0.1:2866 --sessions "$fan_legs" --size 200 --window "$window" \
        --cpu "relay=$(running "$folder" legs)" "$@" >"$file"
}

# As many as one process may have sockets, and 20000 at most.
most_sessions() {
    local most
    most=$(($(ulimit -Hn) - 500))
    echo $((most > 20000 ? 20000 : most / 2 * 2))
}

# idle FILE legs|ours [OPTION...]: connections with a session each, and nothing more.
idle() {
    local file=$1 who=$2 options=(--to 127.0.0.1:2866 --cpu "relay=$(running "$folder" legs)")
    shift 2
    [[ $who != ours ]] ||
        options=(--to 127.0.0.1:2864 --user bench --password bench --cpu "relay=$(running "$folder" "$relay_process")")
    (ulimit -n "$(ulimit -Hn)" && "$msrp_load" --mode idle "${options[@]}" "$@") >"$file"
}

# One round: what is compared runs right behind each other.
msrp_round() {
    local round=$1 part=$2 size sessions
    compare_relays single "$round" 200 100 forward kamailio ours -- --window 1
    for sessions in 1 100; do
        for size in 200 2048 8192; do
            compare_relays "$size-$sessions" "$round" "$size" "$sessions" forward kamailio ours
        done
        # Kamailio takes chunks of 10 KB at most.
        compare_relays "65536-$sessions" "$round" 65536 "$sessions" forward ours ours-tls
        for size in 200 8192; do
            [[ ! -e $folder/may-tls ]] || compare_relays "$size-$sessions" "$round" "$size" "$sessions" kamailio-tls
            compare_relays "$size-$sessions" "$round" "$size" "$sessions" ours-tls
        done
    done
    fan "$folder/fan.1.$round" 1 --warm 0.3 --seconds "$part"
    fan "$folder/fan.64.$round" 64 --warm 0.3 --seconds "$part"
}

# Memory is told of processes that have just started.
msrp_memory() {
    local most
    most=$(most_sessions)
    finish "$folder" legs
    start_legs $((most / 2)) 2
    idle "$folder/idle.legs" legs --sessions "$most" --seconds 3
    finish "$folder" legs
    finish "$folder" plane
    start_relay
    idle "$folder/idle.ours" ours --sessions "$most" --seconds 3
}

# The relay as the unit of systemd starts it.
start_relay() {
    local options environment
    mapfile -t options < <(relay_options)
    read -ra environment < <(sed -n 's/^Environment=//p' "$root/packaging/systemd/imsidecar-msrp-relay.service")
    launch "$folder" plane env "${environment[@]}" dotnet "$sidecar" msrp --config "$root/packaging/config/demo.json" \
        --MsrpControl:Socket="$folder/plane.sock" "${options[@]}"
    await_relay
}

await_relay() {
    local tries
    for ((tries = 0; tries < 150; tries++)); do
        running "$folder" plane >/dev/null ||
            die "the relay ended as it started: $(grep . "$folder/plane.log" | tail -n 1)."
        if [[ -n $(port_holder t 2864) ]]; then return 0; fi
        sleep 0.1
    done
    die "the relay did not start: $(grep . "$folder/plane.log" | tail -n 1)."
}

run_msrp() {
    local round part
    # A part of the seconds: there are many of them.
    relay_process=plane
    part=$(awk -v seconds="$seconds" 'BEGIN { print seconds / 2 }')
    finish "$folder" sidecar
    start_relay
    start_msrp_others
    start_legs 1 "$fan_legs"
    note "MSRP: warming up"
    relay "$folder/warm-up" ours 200 100 --warm 0 --seconds 4
    relay "$folder/warm-up" ours 65536 1 --warm 0 --seconds 2
    relay "$folder/warm-up" ours-tls 2048 100 --warm 0 --seconds 3
    fan "$folder/warm-up" 16 --warm 0 --seconds 4
    for ((round = 1; round <= rounds; round++)); do
        note "MSRP: round $round of $rounds"
        msrp_round "$round" "$part"
    done
    msrp_memory
    echo
    python3 "$bench/msrp_table.py" "$folder" || die "messages were lost or refused: see above."
}

# Ends with the number of those that lost something or did nothing.
smoke_msrp() {
    local each file bad=0
    start_msrp_others
    start_legs 2 4
    for each in "${msrp_smoke[@]}"; do
        file=$folder/msrp.$each
        if case $each in
        fan) fan_legs=4 fan "$file" 4 --warm 0 --seconds 0.3 ;;
        idle) idle "$file" legs --sessions 8 --seconds 0.1 ;;
        *) relay "$file" "$each" 2048 2 --warm 0 --seconds 0.3 ;;
        esac && works "$file"; then continue; fi
        echo "bench: MSRP, $each failed: $(paste -sd' ' "$file")"
        bad=$((bad + 1))
    done
    return "$bad"
}
