#!/usr/bin/env bash
# What it costs to share the work: one sidecar on SQLite beside one, two and three on PostgreSQL, each with a Kamailio (and a
# database) of its own, all running at once and loaded in turn. 'smoke' only sees that two sidecars do it, 'count' says how
# many modes there are. ROUNDS=3, SECONDS_EACH=5. tests/ImSidecar.Benchmarks/README.md says how to read it.
source "$(dirname "$0")/lib.sh"
source "$here/stack.sh"
source "$here/load.sh"

rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-5}
worlds=(sqlite one two three)
cluster_modes=(options subscribe invite tell message collect)

nodes_of() { case $1 in sqlite | one) echo 1 ;; two) echo 2 ;; three) echo 3 ;; esac }

# Each world has a part of loopback for itself, and its PostgreSQL a port.
number_of() { case $1 in sqlite) echo 1 ;; one) echo 2 ;; two) echo 3 ;; three) echo 4 ;; esac }

address() { echo "127.0.$(number_of "$1").$2"; }

port_of() { echo $((5080 + $(number_of "$1"))); }

start_node() {
    local world=$1 node=$2 place=$folder/$1/$2 store=()
    mkdir "$place"
    [[ $world == sqlite ]] || store=(--Store:Path=
        "--Store:Connection=Host=127.0.0.1;Port=$(port_of "$world");Username=bench;Database=postgres")
    # Six of them compile at once, on a machine that may do other work: nobody is slow or dead for that.
    launch_sidecar "$place" --Gateway:Node="node$node" --Overload:MaxDelay=00:00:30 \
        --Cluster:StopsAfter=00:00:10 --Cluster:DeadAfter=00:00:15 --Gateway:NextHop="sip:127.0.0.1:5090;transport=udp" \
        --Http:Listen="$(address "$world" "$node"):8080" --Msrp:Listen="$(address "$world" "$node"):2855" \
        --Controlling:MaxAdHocParticipants=1000 --Controlling:NotifyInterval=00:00:00 \
        --Controlling:MediaReconnect=00:00:00 --Controlling:SubscriberMustAttend=false \
        --Participating:Domains:0=away.example.com --Participating:RegistrationSources=ThirdParty "${store[@]}"
}

start_world() {
    local world=$1 node targets=()
    mkdir "$folder/$world" "$folder/$world/run" "$databases/$world"
    [[ $world == sqlite ]] ||
        start_postgres "$folder/$world" database "$databases/$world" "$(port_of "$world")" bench -c max_connections=200
    for node in $(seq "$(nodes_of "$world")"); do
        start_node "$world" "$node"
        targets+=("unix:$folder/$world/$node/gateway.sock")
    done
    launch "$folder/$world" kamailio kamailio -DD -E -m 2048 -M 16 -Y "$folder/$world/run" -f "$bench/kamailio.cfg" \
        -A "IP=$(address "$world" 100)" -A "CORE_SOCKET=\"tcp:$(address "$world" 100):5070\"" \
        -A "IM_MODULE=\"$module\"" -A "IM_TARGET=\"$(IFS=,; echo "${targets[*]}")\"" \
        -A "CTL_SOCKET=\"unixs:$folder/$world/ctl\""
}

# All are attached and have their share: a single one has everything.
is_shared_out() {
    local world=$1 count
    count=$(nodes_of "$world")
    kamcmd -s "unixs:$folder/$world/ctl" im_sidecar.nodes 2>/dev/null | awk -v count="$count" '
        $1 == "attached:" { attached += $2 }
        $1 == "slots:" { slots += $2; if($2 < 700 / count) small++ }
        END { exit !(attached == count && (count == 1 || (slots == 1024 && !small))) }'
}

await_world() {
    local world=$1 node tries
    for ((tries = 0; tries < 300; tries++)); do
        for node in $(seq "$(nodes_of "$world")"); do
            running "$folder/$world/$node" sidecar >/dev/null ||
                die "a sidecar of '$world' ended: $(grep . "$folder/$world/$node/sidecar.log" | tail -n 1)."
            is_ready "$(address "$world" "$node")" || continue 2
        done
        if is_shared_out "$world"; then
            kamcmd -s "unixs:$folder/$world/ctl" core.ps | paste - - >"$folder/$world/processes"
            write_counts "$world"
            return 0
        fi
        sleep 0.1
    done
    die "'$world' is not ready after a minute: $(kamcmd -s "unixs:$folder/$world/ctl" im_sidecar.nodes 2>&1 | paste -sd' ')."
}

# Makes the program that prints what has been counted in a world so far, as lines of a name and a number. The generator
# waits for it: it has to be quick.
write_counts() {
    local world=$1 node urls=() database=
    for node in $(seq "$(nodes_of "$world")"); do urls+=("http://$(address "$world" "$node"):8080/metrics"); done
    [[ $world == sqlite ]] || database="$(postgres_bin)/psql -h $databases/$world -p $(port_of "$world") -U bench postgres"
    cat >"$folder/$world/counts" <<END
curl -sS ${urls[*]} | awk '
    /^# HELP imsidecar_build_info/ { node++ }
    /^imsidecar_gateway_events_total/ { events[node] += \$2 }
    /^imsidecar_store_writes_total.*"conferences"/ { saves[node] += \$2 }
    END { for(i = 1; i <= node; i++) print "events_" i, events[i] + 0, "saves_" i, saves[i] + 0 }'
kamcmd -s unixs:$folder/$world/ctl im_sidecar.nodes |
    awk '\$1 == "redirected:" { all += \$2 } END { print "redirects", all + 0 }'
${database:-true} -XqtAF ' ' -c "
    SELECT 'wal', pg_current_wal_lsn() - '0/0'::pg_lsn UNION ALL
    SELECT 'commits', xact_commit FROM pg_stat_database WHERE datname = 'postgres'"
END
}

# measure FILE WORLD OPTION...: one run of the load generator.
measure() {
    local file=$1 world=$2 node cpu
    local processes=$folder/$world/processes
    shift 2
    cpu=(--cpu "workers=$(pids "$processes" 'udp receiver.*:5070|tcp receiver')"
        --cpu "link=$(pids "$processes" 'IM sidecar link')" --cpu "rest=$(pids "$processes" 'timer|tcp main')")
    for node in $(seq "$(nodes_of "$world")"); do
        cpu+=(--cpu "node$node=$(running "$folder/$world/$node" sidecar)")
    done
    [[ $world == sqlite ]] || cpu+=(--cpu "database=+$(running "$folder/$world" database)")
    "$load" --to "$(address "$world" 100):5070" --from 127.0.0.1:5090 "${cpu[@]}" \
        --counts "sh $folder/$world/counts" "$@" >"$file"
}

# run_mode MODE WORLD FILE SECONDS
run_mode() {
    local mode=$1 world=$2 file=$3 time=$4 size=() warm=0.5
    case $mode in
    options) size=(--conferences 64 --outstanding 128) ;;
    subscribe) size=(--conferences 64 --invitees 4 --outstanding 128) ;;
    invite) size=(--conferences 64 --invitees 2 --outstanding 64) ;;
    tell) size=(--conferences 10 --invitees 90 --watchers 50 --outstanding 10) ;;
    # Each user gets many: the module learns whose node he is at by the first.
    message) size=(--users 500 --outstanding 128) ;;
    # Until all have come.
    collect) size=(--users 200 --messages 10 --outstanding 64) warm=0 time=60 ;;
    esac
    measure "$file" "$world" --mode "$mode" "${size[@]}" --warm "$warm" --seconds "$time" ||
        die "the load generator could not run '$mode' on '$world'."
}

all_worlds() {
    local round=$1 time=$2 mode world
    for mode in "${cluster_modes[@]}"; do
        for world in "${worlds[@]}"; do
            run_mode "$mode" "$world" "$folder/$mode.$world.$round" "$time"
        done
    done
}

# table_bytes TABLE...: what PostgreSQL has on disk for them, in the world "one", once what is dead is gone.
table_bytes() {
    local table names=
    for table in "$@"; do names+=${names:+,}imsidecar.$table; done
    ask_postgres "$(port_of one)" bench <<<"VACUUM FULL $names;
        SELECT sum(pg_total_relation_size(name)) FROM unnest('{$names}'::regclass[]) AS a (name)" | tail -n 1
}

# What is kept of a conference, and of a message of 200 bytes, each for another user.
print_sizes() {
    local before after rows=2000
    before=$(table_bytes head part effect)
    measure "$folder/sizes" one --mode subscribe --conferences "$rows" --invitees 4 --outstanding 1 --warm 0 --seconds 0.1
    after=$(table_bytes head part effect)
    echo "PostgreSQL keeps $(((after - before) / rows)) bytes of a conference of five, without WAL and what is dead"
    before=$(table_bytes message box past)
    measure "$folder/sizes" one --mode message --users 10000 --outstanding 128 --warm 0 --seconds 3
    after=$(table_bytes message box past)
    echo "and $(((after - before) / $(field "$folder/sizes" requests))) of a message of 200 bytes, each to another user"
}

run_bench() {
    local round file bad=0
    note "warming up"
    all_worlds warm-up 6
    rm "$folder"/*.warm-up
    for ((round = 1; round <= rounds; round++)); do
        note "round $round of $rounds"
        all_worlds "$round" "$seconds"
    done
    echo
    python3 "$bench/cluster_table.py" "$folder"
    print_sizes
    for file in "$folder"/*.[0-9]*; do
        works "$file" || { echo "lost or refused: $(paste -sd' ' "$file")"; bad=1; }
    done
    ((bad == 0)) || die "requests were lost or refused: see above."
}

# Ends with the number of modes in which something was lost or refused, or nothing done.
run_smoke() {
    local mode bad=0 file
    for mode in "${cluster_modes[@]}"; do
        file=$folder/$mode.smoke
        measure "$file" two --mode "$mode" --conferences 4 --invitees 4 --users 8 --messages 3 --outstanding 4 --watchers 4 \
            --warm 0 --seconds "$([[ $mode == collect ]] && echo 10 || echo 0.5)" && works "$file" && continue
        echo "bench: two sidecars, $mode failed: $(paste -sd' ' "$file")"
        bad=$((bad + 1))
    done
    return $bad
}

end_all() {
    local world node
    for world in "${worlds[@]}"; do
        finish "$folder/$world" kamailio &
        for node in $(seq "$(nodes_of "$world")"); do finish "$folder/$world/$node" sidecar & done
    done
    wait
    for world in "${worlds[@]}"; do finish "$folder/$world" database & done
    wait
    if [[ ${IMSIDECAR_KEEP:-} ]]; then note "logs are in $folder"; else rm -rf "$folder"; fi
    rm -rf "$databases"
}

case ${1:-bench} in
count)
    echo ${#cluster_modes[@]}
    exit 0
    ;;
smoke) worlds=(two) ;;
bench) ;;
*) die "bench-cluster.sh takes 'smoke', 'count' or nothing." ;;
esac

has_postgres || die "PostgreSQL is missing; install the package postgresql and run this again."
need_ports u5090 t5082 t5083 t5084
"$here/build.sh" product
build_generator
folder=$(mktemp -d /tmp/imsidecar.XXXXXX)
databases=$(mktemp -d /tmp/imsidecar-pg.XXXXXX)
chmod 755 "$databases"
trap end_all EXIT
trap 'exit 1' HUP INT TERM
for world in "${worlds[@]}"; do start_world "$world"; done
for world in "${worlds[@]}"; do await_world "$world"; done
"run_${1:-bench}"
