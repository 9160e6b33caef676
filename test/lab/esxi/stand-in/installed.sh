#!/bin/sh
# The installed system: it is up, says which host it is, and runs what the kickstart left for the first start.
. /common.sh
start_system
note() { printf 'esxi-stand-in: %.240s\n' "$*"; }
mkdir -p /settings
# See disks.sh: the sectors behind the partition table.
until [ -b /dev/vda ]; do sleep 1; done
for device in /dev/vd[a-z]; do
  [ -b "$device" ] && dd if="$device" bs=512 skip=40 count=1 2>/dev/null | grep -q '^metalspray-lab: ESXi' || continue
  dd if="$device" bs=512 skip=64 count=1900 2>/dev/null | tar -x -C /settings 2>/dev/null
  break
done
NAME=$(cat /settings/name)
hostname "$NAME"
echo
echo "metalspray: this disk boots by itself ($(firmware)) $NAME, $(cat /settings/how)"

first_boot() {
  local script name
  # hostd is up by now: these work, unlike in the installer.
  for name in vim-cmd localcli auto-backup.sh; do
    printf '#!/bin/sh\necho "called %s $*" >&2\n' "$name" >"/sbin/$name"
    chmod 755 "/sbin/$name"
  done
  cp /esxcli.sh /sbin/esxcli
  chmod 755 /sbin/esxcli
  start_network >/dev/null
  for script in /settings/firstboot/*.sh; do
    note "firstboot start"
    sh "$script" </dev/null 2>&1 | sed 's/^/esxi-stand-in: firstboot: /'
    note "firstboot ended"
  done
  note "firstboot: this host is $(hostname)"
  hostname >/settings/name
  rm -rf /settings/firstboot
  tar -cf /tmp/settings.tar -C /settings .
  dd if=/tmp/settings.tar of="$device" bs=512 seek=64 conv=notrunc,fsync 2>/dev/null
}
ls /settings/firstboot/*.sh >/dev/null 2>&1 && first_boot
while :; do sleep 3600; done
