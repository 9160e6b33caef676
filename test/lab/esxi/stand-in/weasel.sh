# The installer: finds its kickstart, checks all of it, obeys it.

# As on a real machine: a red screen, until somebody comes.
weasel_fatal() {
  note "weasel failed: $*"
  while :; do sleep 3600; done
}

kernel_option() {
  local word
  for word in $CMDLINE; do
    case $word in "$1="*) printf '%s\n' "${word#*=}" && return 0 ;; esac
  done
  return 1
}

weasel() {
  local url
  case " $CMDLINE " in *' runweasel '*) ;; *) weasel_fatal "there is no runweasel on the command line" ;; esac
  case " $CMDLINE " in *' cdromBoot '*) weasel_fatal "cdromBoot: there is no medium in this machine" ;; esac
  find_disks
  tools
  url=$(kernel_option ks) || weasel_fatal "there is no ks= on the command line: the installer would ask its questions on the console"
  case $url in
    http://*) installer_network; download "$url" /work/ks.cfg ;;
    file://*) cp "/${url#file://}" /work/ks.cfg 2>/dev/null || weasel_fatal "ks=$url: there is no such file" ;;
    *) weasel_fatal "ks=$url: the stand-in reads http and file only" ;;
  esac
  note "weasel kickstart $url"
  : >/work/items
  read_kickstart /work/ks.cfg
  check_kickstart
  install_system
}

# BOOTIF and netdevice name a card, which has to be there and to have its cable.
installer_network() {
  local wanted interface address
  wanted=$(kernel_option netdevice || kernel_option ksdevice || kernel_option BOOTIF | cut -c 4-) || wanted=
  wanted=$(echo "$wanted" | tr A-F- a-f:)
  [ -n "$wanted" ] || note "weasel warning: neither BOOTIF nor netdevice, so the first card with a link"
  NIC=
  for interface in /sys/class/net/*; do
    [ "${interface##*/}" = lo ] && continue
    ip link set "${interface##*/}" up
    [ -z "$wanted" ] || [ "$wanted" = "$(cat "$interface/address")" ] || continue
    [ "$(cat "$interface/carrier")" = 1 ] || continue
    NIC=${interface##*/}
    break
  done
  [ -n "$NIC" ] || weasel_fatal "no card ${wanted:-at all} with a link"
  case $(kernel_option vlanid) in '' | 0) ;; *) weasel_fatal "vlanid: the stand-in has no tagged networks" ;; esac
  if address=$(kernel_option ip); then
    set_address "$address" "$(kernel_option netmask)" "$(kernel_option gateway)"
  else
    udhcpc -i "$NIC" -s /etc/udhcpc.sh -n -q -t 30 -T 2 >/dev/null 2>&1 || weasel_fatal "no address by DHCP within 60 s"
  fi
  note "weasel network $NIC $(cat "/sys/class/net/$NIC/address") $(ip -4 -o addr show "$NIC" | awk '{print $4}')"
}

set_address() {
  ip addr flush dev "$NIC"
  ip addr add "$1/${2:-255.255.255.0}" dev "$NIC"
  [ -z "$3" ] || ip route add default via "$3" dev "$NIC"
}

download() {
  local attempt=1
  AGENT=Python-urllib/3.8
  until http "$1" "$2"; do
    note "weasel $1: $HTTP_WHY (attempt $attempt of 15)"
    attempt=$((attempt + 1))
    [ $attempt -le 15 ] || weasel_fatal "$1 cannot be fetched"
    sleep 2
  done
}

# What scripts may call and the stand-in has not: it says that it was called, and that all went well.
tools() {
  local name
  for name in localcli vsish partedUtil esxcfg-nics esxcfg-scsidevs esxcfg-info vmkfstools; do
    printf '#!/bin/sh\necho "called %s $*" >&2\n' "$name" >"/bin/$name"
    chmod 755 "/bin/$name"
  done
}

check_kickstart() {
  awk -f /kickstart-check.awk /work/items >/work/checked
  sed -n 's/^warning //p' /work/checked | while IFS= read -r line; do note "weasel warning: $line"; done
  if grep -q '^error ' /work/checked; then
    sed -n 's/^error //p' /work/checked | while IFS= read -r line; do note "weasel error: $line"; done
    weasel_fatal "the kickstart is refused"
  fi
  note "weasel kickstart accepted: $(grep -c "^command$SEP" /work/items) commands"
  [ "$(setting dryrun)" = no ] || weasel_fatal "dryrun: nothing was done"
}

setting() { sed -n "s/^$1=//p" /work/checked | tail -n 1; }

install_system() {
  local how disk number=0 line name
  how=$(setting how)
  disk=$(choose_disk "$(setting disk)" "$(setting firstdisk)")
  [ -n "$disk" ] || weasel_fatal "no disk fits --disk=$(setting disk) --firstdisk=$(setting firstdisk)"
  [ "$how" != installorupgrade ] || if has_esx "$disk"; then how=upgrade; else how=install; fi
  [ "$how" != upgrade ] || has_esx "$disk" || weasel_fatal "upgrade: there is no ESXi on $disk"
  if [ "$how" = install ] && has_esx "$disk" && [ -z "$(setting overwritevmfs)$(setting preservevmfs)" ]; then
    weasel_fatal "there is a VMFS on $disk, and neither --overwritevmfs nor --preservevmfs"
  fi
  mkdir -p /work/settings/firstboot /vmfs/volumes/BOOTBANK1 /vmfs/volumes/datastore1
  name=$(setting hostname)
  if [ "$how" = upgrade ]; then
    dd if="$disk" bs=512 skip=$SETTINGS_SECTOR count=1900 2>/dev/null | tar -x -C /work/settings 2>/dev/null
    name=$(cat /work/settings/name)
  fi
  echo "${name:-localhost}" >/work/settings/name
  echo "$how ${TITLE:-ESXi}" >/work/settings/how
  note "weasel $how on $disk, name ${name:-localhost}"
  stage_firstboot
  write_disk "$disk"
  note "weasel written"
  [ "$(setting bootproto)" != static ] || set_address "$(setting ip)" "$(setting netmask)" "$(setting gateway)"
  while IFS= read -r line; do
    case $line in post"$SEP"*) run_section "$line" || weasel_fatal "a %post script failed" ;; esac
  done </work/items
  # What they put on the boot bank is there when the installed system starts.
  rm -rf /work/settings/bootbank
  cp -r /vmfs/volumes/BOOTBANK1 /work/settings/bootbank
  write_settings "$disk"
  if [ "$(setting reboot)" = no ]; then
    note "weasel Installation complete: press Enter to reboot"
    while :; do sleep 3600; done
  fi
  restart_machine
}

# They are run by the installed system, unless firmware wants everything signed.
stage_firstboot() {
  local line number=0
  grep "^firstboot$SEP" /work/items >/work/firstboot || return 0
  if [ "$SECURE" = yes ]; then
    note "weasel UEFI Secure Boot Enabled, skipping execution of %firstboot"
    return
  fi
  while IFS= read -r line; do
    number=$((number + 1))
    if [ "$(section_option "$line" interpreter)" = python ]; then
      note "firstboot a script in Python, which the stand-in cannot run: left out"
      continue
    fi
    line=${line#*"$SEP"}
    cp "${line%%"$SEP"*}" "/work/settings/firstboot/$number.sh"
  done </work/firstboot
  note "weasel staged $number %firstboot"
}
