#!/usr/bin/env bash
# Measures ImSidecar beside Kamailio that answers the same requests itself and beside its module presence, in
# interleaved rounds, then 2000 SUBSCRIBE/s for a while: none may be lost. 'smoke' only sees that each mode works,
# 'count' says how many there are, 'watchers' is the part beside presence alone, 'deferred' what is kept for users who
# are away, beside msilo; 'msrp' the relay beside a forwarder and Kamailio's module msrp, and the switch.
# tests/ImSidecar.Benchmarks/README.md says how to read it.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"
source "$here/load.sh"

xdm=$bench/xdm/bin/$configuration/net10.0/ImSidecar.Benchmarks.Xdm.dll
fill=$bench/deferred/bin/$configuration/net10.0/ImSidecar.Benchmarks.Deferred.dll
rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-6}
million=${MESSAGES:-1000000}
load_modes=(subscribe invite notify tell options)
presence_modes=(subscribe tell)
deferred_modes=(message collect pages again)
xdm_modes=(rules cache xcap session)

source "$here/bench-msrp.sh"

build_load() {
    build_generator
    build_msrp
    local each
    for each in xdm deferred legs; do
        (cd "$root" && dotnet build "$bench/$each" -c "$configuration" -v quiet -warnaserror) \
            >"$build/bench/$each.log" 2>&1 ||
            die "the bench $each could not be built: $build/bench/$each.log"
    done
}

# Conferences are of nobody's domain; who is away is of one that is served.
launch_bench_sidecar() {
    launch_sidecar "$folder" --Gateway:NextHop="sip:127.0.0.1:5090;transport=udp" \
        --Controlling:MaxAdHocParticipants=1000 --Controlling:NotifyInterval=00:00:00 \
        --Controlling:MediaReconnect=00:00:00 --Controlling:SubscriberMustAttend=false \
        --Participating:Domains:0=away.example.com --Participating:RegistrationSources=ThirdParty "$@"
}

start_bench_stack() {
    local relay=()
    # Elsewhere it is measured, and started, alone.
    [[ ! $smoke ]] || mapfile -t relay < <(relay_options)
    launch_bench_sidecar "${relay[@]}"
    # tm keeps 13 KB of each transaction for 5 s, and a quarter has to stay free.
    launch_kamailio "$folder" "$bench/kamailio.cfg" 6144
    await_stack "$folder"
    kamcmd -s "unixs:$folder/ctl" core.ps | paste - - >"$folder/processes"
    start_presence memory 5072
    if may_write_through; then
        start_presence durable 5073
        if start_database; then start_presence postgres 5075; fi
        start_msilo
    fi
}

# await_module NAME: until another Kamailio, a module of which is measured, tells its processes.
await_module() {
    local name=$1 tries
    for ((tries = 0; tries < 50; tries++)); do
        if kamcmd -s "unixs:$folder/$name.ctl" core.ps 2>/dev/null | paste - - >"$folder/$name.processes" &&
            [[ -s $folder/$name.processes ]]; then return 0; fi
        sleep 0.2
    done
    die "Kamailio's module ($name) did not start: $(grep . "$folder/$name.log" | tail -n 1)."
}

# Kamailio's module msilo, which writes each message to SQLite before it is answered.
start_msilo() {
    python3 "$bench/msilo_table.py" "$folder/msilo.db"
    mkdir "$folder/msilo"
    launch "$folder" msilo kamailio -DD -E -m 512 -M 16 -Y "$folder/msilo" -f "$bench/msilo.cfg" \
        -A "CTL_SOCKET=\"unixs:$folder/msilo.ctl\"" -A "DB_URL=\"sqlite://$folder/msilo.db\"" \
        -A "DB_JOURNAL=\"$folder/msilo.db=WAL\""
    await_module msilo
}

# A PostgreSQL for presence alone; false when there is none.
start_database() {
    has_postgres && may_install kamailio-postgres-modules || return 1
    database=$(mktemp -d /tmp/imsidecar-pg.XXXXXX)
    start_postgres "$folder" database "$database" 5076 presence
    python3 "$bench/presence_tables.py" | ask_postgres 5076 presence >"$folder/tables.log" 2>&1 ||
        die "presence has no tables in PostgreSQL: $(tail -n 1 "$folder/tables.log")."
}

# start_presence NAME PORT: Kamailio's module presence; 'durable' writes each subscription to SQLite first, 'postgres' to
# PostgreSQL.
start_presence() {
    local name=$1 port=$2
    local options=(-A "PRESENCE_PORT=$port" -A "CTL_SOCKET=\"unixs:$folder/$name.ctl\"")
    if [[ $name == durable ]]; then
        python3 "$bench/presence_tables.py" "$folder/presence.db"
        options+=(-A "DB_URL=\"sqlite://$folder/presence.db\"" -A "DB_JOURNAL=\"$folder/presence.db=WAL\"")
    fi
    [[ $name != postgres ]] || options+=(-A 'DB_URL="postgres://presence:-@127.0.0.1:5076/postgres"')
    mkdir "$folder/$name"
    launch "$folder" "$name" kamailio -DD -E -m 3072 -M 16 -Y "$folder/$name" -f "$bench/presence.cfg" "${options[@]}"
    await_module "$name"
}

# Debian's package of it is needed for this comparison and nothing else.
may_write_through() { may_install kamailio-sqlite-modules; }

may_install() {
    local package=$1
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && return 0
    [[ $smoke ]] && return 1
    ((EUID == 0)) && DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=60 install -y \
        --no-install-recommends "$package" >"$build/bench/apt.log" 2>&1 && return 0
    note "$package is missing and could not be installed: what needs it is not measured"
    return 1
}

# measure FILE alone|ours|memory|durable|postgres|msilo OPTION...: one run of the load generator.
measure() {
    local file=$1 who=$2 to=5070
    local processes=$folder/processes
    [[ $who == alone || $who == ours ]] || processes=$folder/$who.processes
    local cpu=(--cpu "workers=$(pids "$processes" 'udp receiver.*:5070|tcp receiver')"
        --cpu "link=$(pids "$processes" 'IM sidecar link')" --cpu "sidecar=$(running "$folder" sidecar)"
        --cpu "rest=$(pids "$processes" 'timer|tcp main')")
    shift 2
    if [[ $who == alone ]]; then
        to=5071
        cpu=(--cpu "workers=$(pids "$processes" 'udp receiver.*:5071')" --cpu "rest=$(pids "$processes" timer)")
        set -- "$@" --alone
    fi
    if [[ $who == memory || $who == durable || $who == postgres ]]; then
        case $who in memory) to=5072 ;; durable) to=5073 ;; *) to=5075 ;; esac
        cpu=(--cpu "workers=$(pids "$processes" 'udp receiver')" --cpu "rest=$(pids "$processes" timer)")
        # Who writes for each of its connections, and the log for all.
        [[ $who != postgres ]] || cpu+=(--cpu "sidecar=+$(running "$folder" database)")
        set -- "$@" --presence --domain presence.example.com --factory conf
    fi
    if [[ $who == msilo ]]; then
        to=5074
        cpu=(--cpu "workers=$(pids "$processes" 'udp receiver')" --cpu "rest=$(pids "$processes" timer)")
    fi
    "$load" --to "127.0.0.1:$to" --from 127.0.0.1:5090 "${cpu[@]}" "$@" >"$file"
}

# One round of each: what is compared runs right behind the other.
compare() {
    local mode=$1 round=$2
    shift 2
    measure "$folder/$mode.alone.$round" alone --mode "$mode" --outstanding 64 --warm 1 --seconds 3
    measure "$folder/$mode.ours.$round" ours --mode "$mode" "$@"
}

# The same clients and as many of them, with Kamailio's module presence and with us.
watch() {
    local name=$1 round=$2 who
    shift 2
    for who in memory durable postgres ours; do
        if [[ $round == warm-up && $who != ours ]]; then continue; fi
        # With a database only what has to be on disk before it is answered is compared.
        if [[ ($who == durable || $who == postgres) && ($name != watch || ! -e $folder/$who) ]]; then continue; fi
        measure "$folder/$name.$who.$round" "$who" "$@"
    done
}

watcher_modes() {
    watch watch "$1" --mode subscribe --conferences 64 --invitees 4 --outstanding 128 --warm 1 --seconds "$2"
    watch tell-100 "$1" --mode tell --conferences 1 --invitees 60 --watchers 100 --outstanding 1 --warm 0 --seconds "$2"
    watch tell-10000 "$1" --mode tell --conferences 1 --invitees 24 --watchers 10000 --outstanding 1 --warm 0 \
        --seconds "$((2 * $2))"
}

all_modes() {
    watcher_modes "$@"
    compare subscribe "$1" --conferences 64 --invitees 4 --outstanding 128 --warm 1 --seconds "$2"
    compare invite "$1" --conferences 64 --invitees 2 --outstanding 64 --warm 1 --seconds "$2"
    compare notify "$1" --conferences 10 --invitees 99 --outstanding 10 --warm 0 --seconds "$2"
}

# away MODE FILE OURS|MSILO OPTION...: messages for users who are away, and how they come to them.
away() {
    local mode=$1 file=$2 who=$3 options=()
    shift 3
    case $mode in
    message) options=(--mode message) ;;
    collect) options=(--mode collect) ;;
    pages) options=(--mode collect --pages) ;;
    again) options=(--mode collect --again) ;;
    esac
    measure "$file" "$who" "${options[@]}" "$@"
}

# One round: each is measured with both, right behind each other.
away_modes() {
    local round=$1 seconds=$2 who mode size
    python3 "$bench/sync.py" "$folder/sync" >"$folder/disk.sync.$round"
    for mode in "${deferred_modes[@]}"; do
        for who in msilo ours; do
            if [[ $who == msilo && ($round == warm-up || $mode == pages || ! -e $folder/msilo) ]]; then continue; fi
            size=(--users 400 --messages 10 --outstanding 64 --warm 0 --seconds 60)
            [[ $mode != message ]] || size=(--users 4000 --outstanding 256 --warm 1 --seconds "$seconds")
            [[ $mode != again ]] || size=(--users 100 --messages 40 --outstanding 16 --warm 0 --seconds 60)
            away "$mode" "$folder/$mode.$who.$round" "$who" "${size[@]}"
        done
    done
}

memory_of() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$(running "$folder" sidecar)/status"; }

# filled NAME MESSAGES: a sidecar that starts with so many messages in its store, and a user at a time who comes.
filled() {
    local name=$1 begun ended before
    finish "$folder" sidecar
    mkdir "$folder/$name"
    dotnet "$fill" "$folder/$name/imsidecar.db" "$2" >"$folder/$name.filled" || die "the store could not be filled."
    begun=$(date +%s%N)
    launch_bench_sidecar --Store:Path="$folder/$name/imsidecar.db"
    until is_ready && is_attached "$folder"; do
        running "$folder" sidecar >/dev/null || die "the sidecar ended: $(grep . "$folder/sidecar.log" | tail -n 1)."
        sleep 0.02
    done
    ended=$(date +%s%N)
    sleep 2
    before=$(memory_of)
    measure "$folder/$name.push" ours --mode collect --kept --users $(($2 / 10 < 1000 ? $2 / 10 : 1000)) --messages 10 \
        --outstanding 1 --warm 3 --seconds "$((seconds > 6 ? seconds : 6))"
    {
        echo "start_ms $(((ended - begun) / 1000000))"
        echo "before_kb $before"
        echo "after_kb $(memory_of)"
        echo "store_mb $(du -cm "$folder/$name"/* | awk 'END { print $1 }')"
    } >>"$folder/$name.filled"
    rm -r "${folder:?}/$name"
}

# Ends with the number of modes in which something was lost or refused, or nothing done.
run_smoke() {
    local mode size bad=0
    for mode in "${load_modes[@]}"; do
        size=(--conferences 4 --invitees 3 --outstanding 8 --warm 0 --seconds 1)
        [[ $mode != tell ]] || size+=(--watchers 20)
        if measure "$folder/$mode" ours --mode "$mode" "${size[@]}" && works "$folder/$mode"; then continue; fi
        echo "bench: $mode failed: $(paste -sd' ' "$folder/$mode")"
        bad=$((bad + 1))
    done
    for mode in "${presence_modes[@]}"; do
        size=(--conferences 4 --invitees 3 --outstanding 8 --watchers 20 --warm 0 --seconds 1)
        if measure "$folder/$mode" memory --mode "$mode" "${size[@]}" && works "$folder/$mode"; then continue; fi
        echo "bench: presence, $mode failed: $(paste -sd' ' "$folder/$mode")"
        bad=$((bad + 1))
    done
    for mode in "${deferred_modes[@]}"; do
        size=(--users 4 --messages 5 --outstanding 2 --warm 0 --seconds 10)
        [[ $mode != message ]] || size=(--users 4 --outstanding 4 --warm 0 --seconds 1)
        if away "$mode" "$folder/away.$mode" ours "${size[@]}" && works "$folder/away.$mode"; then continue; fi
        echo "bench: for users who are away, $mode failed: $(paste -sd' ' "$folder/away.$mode")"
        bad=$((bad + 1))
    done
    for mode in "${xdm_modes[@]}"; do
        dotnet "$xdm" "$mode" 0.2 >"$folder/$mode" && continue
        echo "bench: $mode failed: $(cat "$folder/$mode")"
        bad=$((bad + 1))
    done
    local msrp_bad=0
    smoke_msrp || msrp_bad=$?
    return $((bad + msrp_bad))
}

# Only what is compared with presence.
run_watchers() {
    local round
    note "warming up"
    watcher_modes warm-up 12
    rm "$folder"/*.warm-up
    for ((round = 1; round <= rounds; round++)); do
        note "round $round of $rounds"
        watcher_modes "$round" "$seconds"
    done
    python3 "$bench/table.py" "$folder"
}

# Only what is kept for users who are away, beside msilo; last, for it starts the sidecar anew.
run_deferred() {
    local round
    note "messages for users who are away: warming up"
    away_modes warm-up 12
    rm "$folder"/*.warm-up
    for ((round = 1; round <= rounds; round++)); do
        note "messages for users who are away: round $round of $rounds"
        away_modes "$round" "$seconds"
    done
    note "a store of $million messages"
    filled few 10000
    filled many "$million"
    echo
    python3 "$bench/deferred_table.py" "$folder"
    for ((round = 1; round <= rounds; round++)); do
        works "$folder/again.ours.$round" || die "messages were lost, or came twice or in disorder: see above."
    done
}

run_bench() {
    local round mode steady=$folder/steady
    note "warming up"
    # Until the compiler of .NET has seen it all.
    all_modes warm-up 12
    rm "$folder"/*.warm-up
    for ((round = 1; round <= rounds; round++)); do
        note "round $round of $rounds"
        all_modes "$round" "$seconds"
    done
    note "2000 SUBSCRIBE/s for 30 s"
    measure "$steady" ours --mode subscribe --conferences 1000 --invitees 4 --rate 2000 --warm 2 --seconds 30
    echo
    python3 "$bench/table.py" "$folder"
    for mode in "${xdm_modes[@]}"; do
        echo
        dotnet "$xdm" "$mode" "$seconds" || die "$mode: see above."
    done
    run_deferred
    run_msrp
    awk '{ v[$1] = $2 } END { exit v["lost"] + v["refused"] + v["starved"] > 0 }' "$steady" ||
        die "at 2000/s $(field "$steady" lost) were lost, $(field "$steady" refused) refused," \
            "$(field "$steady" starved) could not be sent in time."
}

if [[ ${1:-} == count ]]; then
    echo $((${#load_modes[@]} + ${#presence_modes[@]} + ${#deferred_modes[@]} + ${#xdm_modes[@]} + ${#msrp_smoke[@]}))
    exit 0
fi

smoke=
[[ ${1:-bench} != smoke ]] || smoke=yes
need_ports u5070 t5070 u5071 u5072 u5073 u5074 u5075 t5076 u5090 t8080 t2855 "${msrp_ports[@]}"
"$here/build.sh" product
build_load
folder=$(mktemp -d /tmp/imsidecar.XXXXXX)
database=
trap 'stop_stack "$folder"; finish "$folder" memory; finish "$folder" durable; finish "$folder" postgres
    finish "$folder" database; finish "$folder" msilo
    finish "$folder" plane; finish "$folder" msrp; finish "$folder" forward; finish "$folder" legs
    rm -rf "$folder" "$database"' EXIT
trap 'exit 1' HUP INT TERM
make_certificate
[[ ${1:-} == msrp ]] || start_bench_stack

case ${1:-bench} in
smoke) run_smoke ;;
watchers) run_watchers ;;
deferred) run_deferred ;;
msrp) run_msrp ;;
bench) run_bench ;;
*) die "bench.sh takes 'smoke', 'watchers', 'deferred', 'msrp', 'count' or nothing." ;;
esac
