# The loader: its command line, boot.cfg, then the kernel and every module, one after the other.

AGENT=esx-boot/2.0
ERRTIMEOUT=

# As on a real machine: without errtimeout= it stands still for ever. With it, control goes back to iPXE, which Linux
# cannot do: here the machine starts anew.
mboot_fatal() {
  note "mboot Fatal error: $*"
  if [ -z "$ERRTIMEOUT" ] || [ "$ERRTIMEOUT" -lt 0 ]; then
    note "mboot stands still, as no errtimeout= is set"
    while :; do sleep 3600; done
  fi
  note "mboot leaves in $ERRTIMEOUT s"
  sleep "$ERRTIMEOUT"
  restart_machine
}

restart_machine() {
  note "reboot"
  sync
  # The serial line is slow; what was said has to be out before the power is.
  sleep 1
  reboot -f
}

mboot() {
  note "mboot command line: $(cat /proc/cmdline)"
  mboot_arguments $(cat /proc/cmdline)
  mboot_network
  mboot_config
  mboot_crypto
  mboot_load
}

# Only what every version takes: `-E` and `-N` are a syntax error in some.
mboot_arguments() {
  CONFIG='' EXTRA=''
  # The first word is the program's own name.
  [ $# -gt 0 ] && shift
  while [ $# -gt 0 ]; do
    case $1 in
      -c) [ $# -ge 2 ] || mboot_fatal "32 (Syntax): -c needs a value"; CONFIG=$2; shift ;;
      -S | -s | -t | -p | -R) [ $# -ge 2 ] || mboot_fatal "32 (Syntax): $1 needs a value"; shift ;;
      -V | -D | -H | -Q | -U | -a | -e) ;;
      -*) mboot_fatal "32 (Syntax): unknown option $1" ;;
      *) EXTRA="$EXTRA${EXTRA:+ }$1" ;;
    esac
    shift
  done
}

# Firmware knows which card it booted from. Here the address of boot.cfg says it, when it is a card's folder; else it is
# the first card that gets an address.
mboot_network() {
  local wanted interface
  ip link set lo up
  wanted=$(echo "$CONFIG" | sed -n 's,.*/01-\([0-9a-fA-F-]\{17\}\)/.*,\1,p' | tr A-F- a-f:)
  for interface in /sys/class/net/*; do
    NIC=${interface##*/}
    [ "$NIC" = lo ] && continue
    MAC=$(cat "$interface/address")
    [ -z "$wanted" ] || [ "$wanted" = "$MAC" ] || continue
    lease "$NIC" && break
    MAC=
  done
  [ -n "$MAC" ] || mboot_fatal "no card ${wanted:-at all} with an address"
  # Started by firmware's HTTP boot, without a word: the loader's own address is in the lease.
  BOOTFILE=$(sed -n 's/^boot_file=//p' /work/lease 2>/dev/null)
  BOOTDIR=${BOOTFILE%/*}
  note "mboot network $NIC $MAC $(ip -4 -o addr show "$NIC" | awk '{print $4}')"
}

# As firmware that boots over HTTP asks, so that a server that tells such machines apart sees one of them.
lease() {
  ip link set "$1" up
  until udhcpc -i "$1" -s /etc/udhcpc.sh -n -q -t 5 -T 2 -V HTTPClient:Arch:00016:UNDI:003001 -x 0x5d:0010 -O bootfile >/dev/null 2>&1; do
    note "mboot no address on $1 yet"
    [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ] || return 1
  done
}

# http URL FILE: as strict as firmware's own HTTP. A body needs its length, in one piece and as it is.
http() {
  local result
  HTTP_WHY=
  wget -S -U "$AGENT" -O "$2" "$1" 2>/work/http
  result=$?
  tr -d '\r' </work/http | sed 's/^ *//' | tr A-Z a-z >/work/headers
  if [ $result -ne 0 ]; then
    HTTP_WHY=$(grep -v '^[a-z-]*: [^ ]' /work/headers | tail -n 1)
  elif ! grep -q '^content-length: ' /work/headers; then
    HTTP_WHY='no http content-length header'
  elif grep -q '^transfer-encoding: \|^content-encoding: ' /work/headers; then
    HTTP_WHY=$(grep '^transfer-encoding: \|^content-encoding: ' /work/headers)
  elif grep -q '^http/1.. 303' /work/headers; then
    HTTP_WHY='redirected by 303'
  else
    return 0
  fi
  return 1
}

# By the address that it was given; without one it looks for its own card's, then for the common one. A relative address
# is fetched twice: to see whether it is there, and to have it.
mboot_config() {
  local tries url
  case $CONFIG in
    *://*) tries=$CONFIG ;;
    '') tries="$BOOTDIR/01-$(echo "$MAC" | tr : -)/boot.cfg $BOOTDIR/boot.cfg" ;;
    *) tries="$BOOTDIR/$CONFIG" ;;
  esac
  for url in $tries; do
    case $url in *://*) ;; *) mboot_fatal "15 (Not found): $url names no server" ;; esac
    http "$url" /load/boot.cfg || continue
    [ "$url" = "$CONFIG" ] || http "$url" /load/boot.cfg || mboot_fatal "15 (Not found): $url the second time: $HTTP_WHY"
    note "mboot boot.cfg $url"
    mboot_parse "$url"
    return
  done
  note "mboot Configuration error while parsing $url: $HTTP_WHY"
  mboot_fatal "15 (Not found)"
}

mboot_parse() {
  ERRTIMEOUT=$(awk -v url="$1" -v extra="$EXTRA" -f /boot-cfg.awk /load/boot.cfg | tee /work/plan | sed -n 's/^errtimeout //p')
  if grep -q '^fatal ' /work/plan; then mboot_fatal "$(sed -n 's/^fatal //p' /work/plan)"; fi
  CMDLINE=$(sed -n 's/^cmdline //p' /work/plan)
  PREFIX=$(sed -n 's/^prefix //p' /work/plan)
  TITLE=$(sed -n 's/^title //p' /work/plan)
  note "mboot title $TITLE"
}

# Nowhere to be found is well: the loader then uses its own. Anything else is a fault of the server.
mboot_crypto() {
  local url named
  named=$(sed -n 's/^crypto //p' /work/plan)
  for url in ${BOOTDIR:+$BOOTDIR/crypto64.efi} ${named:+$PREFIX/$named} "$PREFIX/crypto64.efi" "$PREFIX/efi/boot/crypto64.efi"; do
    if http "$url" /load/crypto; then
      note "mboot crypto $url"
      rm /load/crypto
      return
    fi
    case $HTTP_WHY in *404*) ;; *) mboot_fatal "crypto $url: $HTTP_WHY" ;; esac
  done
  note "mboot Falling back to internal crypto suite"
}

# What is loaded: /work/loaded has a line `NAME SIZE SHA256` for each file, the kernel first, sizes and sums of what is
# in the gzip. Files stay in /load, as there may be several of one size.
mboot_load() {
  local word url options number=0 count
  count=$(grep -c '^module ' /work/plan)
  : >/work/loaded
  grep '^kernel \|^module ' /work/plan >/work/files
  while read -r word url options; do
    case $url in
      *://*) ;;
      *) mboot_fatal "15 (Not found): $url names no server" ;;
    esac
    load_file "$word" "$url"
    [ "$word" = module ] && number=$((number + 1)) && [ $((number % 25)) -eq 0 ] && note "mboot modules $number/$count"
  done </work/files
  note "mboot loaded kernel and $number modules, $(awk '{sum += $2} END {printf "%.0f", sum}' /work/loaded) bytes"
  if grep -q '^limit ' /work/plan; then mboot_fatal "4 (Unsupported): $(sed -n 's/^limit //p' /work/plan | head -n 1)"; fi
  note "mboot kernel command line: $CMDLINE"
}

load_file() {
  local name=${2##*/} file size claimed
  name=${name%%\?*}
  file=/load/$name
  [ -e "$file" ] && mboot_fatal "two modules are named $name"
  http "$2" "$file" || mboot_fatal "15 (Not found): $2: $HTTP_WHY"
  if [ ! -s "$file" ]; then
    [ "$1" = kernel ] && mboot_fatal "36 (Bad type): the kernel is empty"
    echo "$name 0 -" >>/work/loaded
    return
  fi
  [ "$(head -c 2 "$file" | od -An -tx1 | tr -d ' ')" = 1f8b ] || mboot_fatal "$name is not gzip, which loaders up to 6.7 refuse"
  gzip -dc "$file" 2>/dev/null >/work/unpacked || mboot_fatal "28 (CRC error): $name"
  size=$(wc -c </work/unpacked)
  # The last four bytes say how much it is: more members, or something behind them, and they do not.
  claimed=$(tail -c 4 "$file" | od -An -tu4 | tr -d ' ')
  [ "$size" = "$claimed" ] || mboot_fatal "28 (CRC error): $name says $claimed bytes and has $size"
  if [ "$1" = kernel ] && [ "$(head -c 4 /work/unpacked | od -An -tx1 | tr -d ' ')" != 7f454c46 ]; then
    mboot_fatal "36 (Bad type): $name: the kernel is either invalid or corrupted"
  fi
  echo "$name $size $(sha256sum </work/unpacked | cut -d' ' -f1)" >>/work/loaded
  # Memory is small, and these were only to be seen.
  [ "$size" -gt 4194304 ] && [ "$name" != imgpayld.tgz ] && : >"$file"
  return 0
}
