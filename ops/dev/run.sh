#!/usr/bin/env bash
# The main job, end to end, on this machine: starts a Redis and a MongoDB of its own on free ports, generates events,
# runs the shipped configuration over them until all is settled, reads every sink back with clients that share no code
# with Sluice, and compares value by value with what the generator expected.
#
#   ops/dev/run.sh [ROWS] [SEED]
#
# Everything stands in a temporary folder, which is deleted at the end; SLUICE_KEEP=1 keeps it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly rows=${1:-200000}
readonly seed=${2:-1}
readonly sluice=${SLUICE:-.build/release/sluice}
readonly tools=.build/tools
readonly python=$tools/venv/bin/python
work=$(mktemp --directory --tmpdir sluice-run.XXXXXX)
readonly work
servers=()

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    local server
    for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
    for server in "${servers[@]}"; do wait_until 20 "! kill -0 $server" || kill -KILL "$server" 2>/dev/null || true; done
    if [[ -n ${SLUICE_KEEP:-} ]]; then echo "kept: $work"; else rm -rf "$work"; fi
    exit "$status"
}

# Waits at most so many seconds until a command succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    until eval "$2" >/dev/null 2>&1; do
        if ((SECONDS >= deadline)); then return 1; fi
        sleep 0.1
    done
}

free_port() { "$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_redis() {
    mkdir "$work/redis"
    redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --dir "$work/redis" >"$work/redis.log" 2>&1 &
    servers+=($!)
    if ! wait_until 20 "redis-cli -p $1 ping"; then
        cat "$work/redis.log" >&2
        echo "error: redis-server did not start" >&2
        exit 1
    fi
}

start_mongo() {
    mkdir "$work/mongo"
    "$tools/mongod" --dbpath "$work/mongo" --bind_ip 127.0.0.1 --port "$1" --nounixsocket --wiredTigerCacheSizeGB 1 \
        --setParameter diagnosticDataCollectionEnabled=false >"$work/mongo.log" 2>&1 &
    servers+=($!)
    # It says so when it takes connections.
    if ! wait_until 60 "kill -0 $! && grep -q 'Waiting for connections' '$work/mongo.log'"; then
        tail -20 "$work/mongo.log" >&2
        echo "error: mongod did not start" >&2
        exit 1
    fi
}

# The shipped configuration, with nothing changed but the ports. Its relative paths then lead into the work folder.
copy_configuration() {
    cp -r config sinks "$work/"
    sed -i "s|redis://127.0.0.1:6379|redis://127.0.0.1:$1|" "$work"/sinks/*.yaml
    sed -i "s|mongodb://127.0.0.1:27017|mongodb://127.0.0.1:$2|" "$work"/sinks/*.yaml
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

redis_port=$(free_port)
start_redis "$redis_port"
mongo_port=$(free_port)
start_mongo "$mongo_port"
copy_configuration "$redis_port" "$mongo_port"

"$sluice" generate --out "$work/data/events" --rows "$rows" --seed "$seed"
"$sluice" check --config "$work/config/sluice.yaml"
"$sluice" run --drain --json --config "$work/config/sluice.yaml" >"$work/run.json"
"$python" ops/dev/verify.py --expected "$work/data/events/expected" --run "$work/run.json" \
    --redis-port "$redis_port" --mongo-port "$mongo_port" --lake "$work/data/lake"
