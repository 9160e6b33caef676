# Shared by the lab's small systems. Every step is said on the console in the form `metalspray-lab: WORD …`, which tests
# and the demo read: change a line here and in them together.

say() { echo "metalspray-lab: $*"; }

# The value of KEY=… on the kernel command line.
argument() {
  local word
  for word in $(cat /proc/cmdline); do
    case $word in "$1="*) echo "${word#*=}" && return 0 ;; esac
  done
  return 1
}

start_system() {
  export PATH=/bin:/sbin:/usr/bin:/usr/sbin
  /bin/busybox mkdir -p /usr/sbin
  /bin/busybox mount -t devtmpfs dev /dev 2>/dev/null
  /bin/busybox mount -t proc proc /proc
  /bin/busybox mount -t sysfs sys /sys
  /bin/busybox --install -s
  # Messages of the kernel would break the lines that tests wait for.
  echo 3 >/proc/sys/kernel/printk
  . /settings.sh
  local module
  for module in /modules/*.ko; do
    [ -e "$module" ] && insmod "$module"
  done
}

firmware() { if [ -d /sys/firmware/efi ]; then echo UEFI; else echo BIOS; fi; }

# The interface that the machine booted from: BOOTIF=01-52-54-00-… as pxelinux and KIWI have it; else the first one.
boot_interface() {
  local wanted interface
  wanted=$(argument BOOTIF | tr 'A-F-' 'a-f:')
  for interface in /sys/class/net/*; do
    case ${interface##*/} in lo) continue ;; esac
    if [ -z "$wanted" ] || [ "${wanted#*:}" = "$(cat "$interface/address")" ]; then
      echo "${interface##*/}"
      return 0
    fi
  done
  return 1
}

# Waits for an address for as long as it takes: the cable, the switch or the server may come back.
start_network() {
  local attempt=1
  until INTERFACE=$(boot_interface); do
    # The driver needs a moment; only what lasts is worth a line.
    [ $attempt -gt 2 ] && say "network no interface with BOOTIF=$(argument BOOTIF) (attempt $attempt)"
    attempt=$((attempt + 1))
    sleep 1
  done
  ip link set lo up
  ip link set "$INTERFACE" up
  attempt=1
  until udhcpc -i "$INTERFACE" -s /etc/udhcpc.sh -n -q -t 5 -T 2 >/dev/null 2>&1; do
    say "network no address on $INTERFACE (attempt $attempt)"
    attempt=$((attempt + 1))
    sleep 2
  done
  say "network $INTERFACE $(cat "/sys/class/net/$INTERFACE/address") $(ip -4 -o addr show "$INTERFACE" | awk '{print $4}')"
}

# get URL: to stdout. Without -T, which makes wget of Debian 12's static busybox crash.
get() { wget -q -O - "$1"; }

# post URL BODY: prints the answer.
post() { wget -q -O - --post-data "$2" "$1"; }

# The base address and the boot's own id, as they stand in razorurl=http://SERVER/post-install?id=ID&bootid=ID
server_base() { argument razorurl | sed 's,/post-install.*,,'; }
query_value() { argument razorurl | sed -n "s/.*[?&]$1=\([^&]*\).*/\1/p"; }

# Any bytes as a form value: every byte in hexadecimal is ugly and always right.
form_value() { printf '%s' "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%'; }

stop_here() {
  say "stopped $*"
  while :; do sleep 3600; done
}

restart() {
  say "reboot $NAME"
  sync
  # The serial line is slow; what was said has to be out before the power is.
  sleep 1
  reboot -f
}
