#!/bin/sh
# The stand-in for ESXi's loader, kernel and installer: see README.md beside these scripts for what it is and is not.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
/bin/busybox mount -t devtmpfs dev /dev
# There is no console= on the command line, which is the loader's own and nobody else's.
exec >/dev/ttyS0 2>&1 </dev/ttyS0
. /common.sh
start_system
echo 30 >/proc/sys/kernel/panic
mkdir -p /load /work
. /mboot.sh
. /visorfs.sh
. /kickstart.sh
. /disks.sh
. /weasel.sh

# note WHO WORDS …: one line on the console, in a form that tests wait for.
note() { printf 'esxi-stand-in: %.240s\n' "$*"; }

mboot
early_boot
weasel
