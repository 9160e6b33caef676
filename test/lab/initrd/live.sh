#!/bin/sh
# A live system's first half: it finds its root file system, here only to see that it can be fetched whole.
. /common.sh
start_system
say "live start $NAME"
start_network
ROOT=$(argument root) || stop_here "no root= on the kernel command line"
URL=${ROOT#live:}
say "live root $URL"
set -o pipefail
attempt=1
until SUM=$(get "$URL" | md5sum | cut -d' ' -f1); do
  say "live download cut (attempt $attempt), again in 3 s"
  attempt=$((attempt + 1))
  sleep 3
done
say "live root fetched md5 $SUM"
echo "metalspray: live system up ($(firmware)) $NAME"
while :; do sleep 3600; done
