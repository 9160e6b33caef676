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

# ESXi's programs, simulated on a state of their own: hostd is up by now, and they work, unlike in the installer.
simulate() {
  mkdir -p /simulated /var/log /etc/init.d
  ln -s python3 /usr/bin/python
  python /userland/userland.py install /simulated
  cp /simulated/sbin/* /sbin
  cp /simulated/etc/init.d/* /etc/init.d
  # One of them is dd, which this system itself needs.
  export PATH=/simulated/bin:$PATH ESXI_STATE=/simulated/state.json
  ESXI_DISK=$device python /simulated.py make
}

show_state() { echo "esxi-stand-in: state $1 $(python /simulated.py show) end"; }

# What is configured already must not be done again. The program is kept aside for that, which no real host does.
second_run() {
  local log=/var/log/metalspray.log lines result
  mkdir -p /second
  tar -xzf /tmp/kept.tgz -C /second
  lines=$(wc -l <$log)
  python /second/metalspray/configure apply
  result=$?
  note "second run ended with $result, $(($(wc -l <$log) - lines)) new lines in its log"
  show_state second
}

first_boot() {
  local script
  start_network >/dev/null
  simulate
  [ ! -d /settings/bootbank ] || mv /settings/bootbank /bootbank
  [ ! -e /bootbank/metalspr.tgz ] || cp /bootbank/metalspr.tgz /tmp/kept.tgz
  for script in /settings/firstboot/*.sh; do
    note "firstboot start"
    sh "$script" </dev/null 2>&1 | sed 's/^/esxi-stand-in: firstboot: /'
    note "firstboot ended"
  done
  python /simulated.py name >/settings/name
  hostname "$(cat /settings/name)"
  note "firstboot: this host is $(hostname)"
  if [ -e /tmp/kept.tgz ]; then
    note "firstboot: left on the boot bank: $(ls /bootbank)"
    show_state first
    second_run
  fi
  rm -rf /settings/firstboot
  tar -cf /tmp/settings.tar -C /settings .
  busybox dd if=/tmp/settings.tar of="$device" bs=512 seek=64 conv=notrunc,fsync 2>/dev/null
}
ls /settings/firstboot/*.sh >/dev/null 2>&1 && first_boot
while :; do sleep 3600; done
