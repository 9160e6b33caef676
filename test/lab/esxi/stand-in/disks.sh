# The machine's disks under names like ESXi's. What a name means here is the lab's own: `naa.SERIAL` when the disk has a
# serial, else `mpx.vmhba1:C0:TN:L0`, N counted from 0; all are local, vendor QEMU, model VIRTIO DISK, driver virtio_blk.

DISKS=/vmfs/devices/disks
# Between the partition table and the first partition: this sector says that ESXi is here, with a datastore; behind it is
# a tar of what the installed system knows.
MARK_SECTOR=40
SETTINGS_SECTOR=64
MARK='metalspray-lab: ESXi stand-in, with VMFS'

find_disks() {
  local device number=0 name
  mkdir -p $DISKS /dev/disks
  for device in /dev/vd[a-z]; do
    [ -b "$device" ] || continue
    name=$(cat "/sys/block/${device#/dev/}/serial" 2>/dev/null)
    name=${name:+naa.$name}
    name=${name:-mpx.vmhba1:C0:T$number:L0}
    ln -sf "$device" "$DISKS/$name"
    ln -sf "$device" "/dev/disks/$name"
    note "weasel disk $name is $device, $(($(cat "/sys/block/${device#/dev/}/size") / 2048)) MiB"
    number=$((number + 1))
  done
}

has_esx() { dd if="$1" bs=512 skip=$MARK_SECTOR count=1 2>/dev/null | grep -q "$MARK"; }

# choose_disk NAME FILTERS: prints the device; the first filter that fits anything wins.
choose_disk() {
  local filter name
  if [ -n "$1" ]; then
    name=${1##*/}
    [ -e "$DISKS/$name" ] && readlink "$DISKS/$name"
    return
  fi
  [ "$2" = default ] && set -- '' local,remote,usb
  for filter in $(echo "$2" | tr 'A-Z,' 'a-z '); do
    for name in "$DISKS"/*; do
      fits "$filter" "$(readlink "$name")" || continue
      readlink "$name"
      return
    done
  done
}

fits() {
  case $1 in
    local) return 0 ;;
    remote | usb | remoteesx) return 1 ;;
    esx | localesx) has_esx "$2" ;;
    *) case 'qemu|virtio disk|virtio_blk' in *"$1"*) return 0 ;; *) return 1 ;; esac ;;
  esac
}

# write_disk DEVICE: the payload that came as a module, then what this host is.
write_disk() {
  tar -tzf /load/imgpayld.tgz disk.img >/dev/null 2>&1 || weasel_fatal "imgpayld.tgz has no disk.img: this medium is for tests without machines"
  tar -xzOf /load/imgpayld.tgz disk.img | dd of="$1" bs=1M conv=fsync 2>/dev/null || weasel_fatal "$1 cannot be written"
  printf '%s\n' "$MARK" | dd of="$1" bs=512 seek=$MARK_SECTOR conv=notrunc,sync 2>/dev/null
  write_settings "$1"
}

# write_settings DEVICE: what the installed system is to know.
write_settings() {
  tar -cf /work/settings.tar -C /work/settings .
  dd if=/work/settings.tar of="$1" bs=512 seek=$SETTINGS_SECTOR conv=notrunc,fsync 2>/dev/null
}
