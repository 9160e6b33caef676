#!/bin/sh
# KIWIspray's discover image: tells the server what this machine is, then waits until somebody gives it an image.
. /common.sh
start_system
say "discover start $NAME"
start_network
BASE=$(server_base)
KEY="id=$(query_value id)&bootid=$(query_value bootid)"

retry() {
  local attempt=1
  until "$@"; do
    say "discover no answer to $1 (attempt $attempt)"
    attempt=$((attempt + 1))
    sleep 3
  done
}

json_text() { printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g')"; }
dmi() { json_text "$(cat "/sys/class/dmi/id/$1" 2>/dev/null)"; }

update() {
  body=""
  for interface in /sys/class/net/*; do
    [ "${interface##*/}" = lo ] || body="${body}mac=$(form_value "$(cat "$interface/address")")&"
  done
  cpus=$(grep -c ^processor /proc/cpuinfo)
  memory=$(awk '/MemTotal/ {print $2}' /proc/meminfo)
  json="{\"dmi\":{\"vendor\":$(dmi sys_vendor),\"product\":$(dmi product_name),\"serial\":$(dmi product_serial)}"
  json="$json,\"cpus\":$cpus,\"memory_kib\":$memory,\"firmware\":\"$(firmware)\"}"
  post "$BASE/update?$KEY" "${body}metadata=$(form_value "$json")"
}
finish() { get "$BASE/finish?$KEY"; }

retry update
say "discover update sent"
retry finish
say "discover finish sent"
while :; do
  state=$(get "$BASE/state?$KEY")
  say "discover state ${state:-unknown}"
  case $state in '' | new) sleep 5 ;; *) break ;; esac
done
restart
