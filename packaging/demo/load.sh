# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by the benches: the load generator, a PostgreSQL of their own, and what a run has said.

bench=$root/tests/ImSidecar.Benchmarks
load=$build/bench/load

build_generator() {
    mkdir -p "$build/bench"
    cc -std=gnu11 -O2 -Wall -Wextra -Werror -o "$load" "$bench"/load/*.c || die "the load generator could not be built."
}

# pids FILE WHAT: the processes of a Kamailio whose description matches, separated by commas.
pids() { awk -F'\t' -v what="$2" '$2 ~ what { print $1 }' "$1" | paste -sd,; }

postgres_bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1; }

has_postgres() { [[ $(postgres_bin) ]]; }

# start_postgres FOLDER NAME PLACE PORT USER [OPTION...]: as Debian's package sets one up, in an empty folder of its own.
start_postgres() {
    local folder=$1 name=$2 place=$3 port=$4 user=$5 bin tries as=()
    shift 5
    bin=$(postgres_bin)
    if ((EUID == 0)); then
        chown postgres: "$place"
        as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    fi
    (cd / && "${as[@]}" "$bin/initdb" -D "$place/data" -U "$user" -A trust --locale=C.UTF-8 --encoding=UTF8) \
        >"$folder/initdb.log" 2>&1 || die "PostgreSQL could not be set up: $(tail -n 1 "$folder/initdb.log")."
    launch "$folder" "$name" "${as[@]}" "$bin/postgres" -D "$place/data" -k "$place" -p "$port" \
        -c listen_addresses=127.0.0.1 "$@"
    for ((tries = 0; tries < 50; tries++)); do
        if ask_postgres "$port" "$user" <<<"SELECT 1" >/dev/null 2>&1; then return 0; fi
        sleep 0.2
    done
    die "PostgreSQL did not start: $(tail -n 1 "$folder/$name.log")."
}

# ask_postgres PORT USER: SQL from standard input.
ask_postgres() {
    "$(postgres_bin)/psql" -q -t -A -F ' ' -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$1" -U "$2" postgres
}

field() { awk -v name="$2" '$1 == name { print $2 }' "$1"; }

# works FILE: something was done, nothing lost or refused.
works() {
    awk '{ v[$1] = $2 }
        END { exit !(v["units"] > 0 && v["lost"] + v["refused"] + v["doubles"] + v["disorder"] == 0) }' "$1"
}
