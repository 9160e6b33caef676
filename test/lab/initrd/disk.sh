#!/bin/sh
# The installed system: it is up, and says so.
. /common.sh
start_system
echo
echo "metalspray: this disk boots by itself ($(firmware)) $NAME"
hostname "$NAME"
while :; do sleep 3600; done
