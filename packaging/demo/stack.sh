# shellcheck shell=bash disable=SC2154
# Sourced: starts and stops Kamailio and the sidecar of the demo profile. All they write is in one folder.

# Prints who listens on a port of the profile already, nothing if it is free.
port_holder() {
    local flag=$1 port=$2
    ss -Hln"$flag"p | awk -v port=":$port" '
        $4 == "127.0.0.1" port || $4 == "0.0.0.0" port || $4 == "*" port || $4 == "[::]" port { print $NF; exit }' |
        sed -E 's/.*\(\("([^"]*)",pid=([0-9]+).*/\1 (pid \2)/; t; s/.*/another program/'
}

# need_ports [PORT...]: u5060 is UDP, t5060 TCP; without any those of the demo profile.
need_ports() {
    local port holder
    (($#)) || set -- u5060 t5060 u5070 t5070 t8080 t2855
    for port in "$@"; do
        holder=$(port_holder "${port:0:1}" "${port:1}")
        [[ -z $holder ]] || die "port ${port:1} is taken by $holder; stop it and run this again."
    done
}

# What tells a process from a later one with the same number: its start time.
start_time() { sed -E 's/.*\) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# launch FOLDER NAME COMMAND...: in a session of its own, so that it can be ended with its children.
launch() {
    local folder=$1 name=$2
    shift 2
    setsid "$@" </dev/null >"$folder/$name.log" 2>&1 &
    echo "$! $(start_time $!)" >"$folder/$name.pid"
    disown
}

# Prints the pid of what launch started if it still runs.
running() {
    local pid started
    { read -r pid started <"$1/$2.pid"; } 2>/dev/null || return 1
    [[ -n $started && $(start_time "$pid") == "$started" ]] || return 1
    [[ $(sed -E 's/.*\) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f1) != Z ]] || return 1
    echo "$pid"
}

finish() {
    local pid tries
    pid=$(running "$1" "$2") || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    for ((tries = 0; tries < 100; tries++)); do
        running "$1" "$2" >/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
}

# is_ready [ADDRESS]: the sidecar that listens there takes new sessions on.
is_ready() {
    local status
    { exec 8<>"/dev/tcp/${1:-127.0.0.1}/8080"; } 2>/dev/null || return 1
    printf 'GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&8
    read -r -t 5 status <&8 || status=
    exec 8>&-
    [[ $status == *' 200 '* ]]
}

# Kamailio's module has found the sidecar: what comes is handed over.
is_attached() { kamcmd -s "unixs:$1/ctl" im_sidecar.status 2>/dev/null | grep -q 'attached: 1$'; }

# launch_sidecar FOLDER [OPTION...]: as the demo profile, with these options on top. The memory that the runtime fills
# before it collects (hexadecimal: 64 MiB) can be set no other way.
launch_sidecar() {
    local folder=$1
    shift
    launch "$folder" sidecar env DOTNET_GCgen0size=4000000 dotnet "$sidecar" --config "$root/packaging/config/demo.json" \
        --Store:Path="$folder/imsidecar.db" --Gateway:Socket="$folder/gateway.sock" \
        --Admin:Socket="$folder/admin.sock" "$@"
}

# launch_kamailio FOLDER CONFIGURATION MEGABYTES: with so much shared memory.
launch_kamailio() {
    launch "$1" kamailio kamailio -DD -E -m "$3" -M 16 -Y "$1" -f "$2" \
        -A "IM_MODULE=\"$module\"" -A "IM_TARGET=\"unix:$1/gateway.sock\"" -A "CTL_SOCKET=\"unixs:$1/ctl\""
}

await_stack() {
    local folder=$1 name tries
    for ((tries = 0; tries < 150; tries++)); do
        for name in sidecar kamailio; do
            running "$folder" "$name" >/dev/null ||
                die "the $name ended as it started: $(grep . "$folder/$name.log" | tail -n 1) (all of it: $folder/$name.log)."
        done
        if is_ready; then return 0; fi
        sleep 0.2
    done
    die "the sidecar was not ready within 30 s; the logs are in $folder."
}

launch_demo_sidecar() { launch_sidecar "$1" --Participating:Domains:0=example.com; }

start_stack() {
    launch_demo_sidecar "$1"
    launch_kamailio "$1" "$root/kamailio/demo/kamailio.cfg" 256
    await_stack "$1"
}

stop_stack() {
    finish "$1" kamailio
    finish "$1" sidecar
}
