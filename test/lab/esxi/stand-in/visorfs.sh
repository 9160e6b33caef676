# What the kernel does with the modules before the installer runs: it knows those of its own image, and mounts the rest.

psod() {
  note "kernel PSOD: $*"
  while :; do sleep 3600; done
}

# The image database of the fixtures, a file in imgdb.tgz: a line `NAME SIZE SHA256` for each module, in boot order.
DATABASE=/image/metalspray-lab/modules

early_boot() {
  [ -s /load/imgdb.tgz ] || psod "there is no image database imgdb.tgz among the modules"
  mkdir -p /image
  tar -xzf /load/imgdb.tgz -C /image || psod "imgdb.tgz is no tar"
  check_own
  SECURE=no
  if secure_boot; then SECURE=yes; fi
  note "kernel Secure Boot $SECURE, modules beyond the image: ${BEYOND:-none}"
  [ -z "$BEYOND" ] || [ $SECURE = no ] || psod "UEFI Secure Boot failed: Unrecognized tardisks: [$BEYOND]"
  for name in $BEYOND; do mount_module "$name"; done
}

# Names, contents and order as on the medium. imgdb.tgz cannot know itself.
check_own() {
  local name size sum
  sed 1d /work/loaded >/work/modules
  BEYOND=$(awk 'NR == FNR { known[$1] = 1; next } !known[$1] && $1 != "imgdb.tgz" { printf "%s%s", gap, $1; gap = " " }' "$DATABASE" /work/modules)
  awk 'NR == FNR { known[$1] = 1; next } known[$1]' "$DATABASE" /work/modules >/work/own
  if ! cmp -s "$DATABASE" /work/own; then
    psod "Unexpected early boot module: $(diff "$DATABASE" /work/own | sed -n 's/^[-+]\([^-+]\)/\1/p' | head -n 1)"
  fi
  note "kernel all $(wc -l </work/own) modules of the image are as on its medium"
}

# The firmware’s own switch, or the lab’s: firmware with keys is more than these tests need.
secure_boot() {
  case " $CMDLINE " in *' labSecureBoot=1 '*) return 0 ;; esac
  local variable
  mount -t efivarfs efivarfs /sys/firmware/efi/efivars 2>/dev/null
  for variable in /sys/firmware/efi/efivars/SecureBoot-*; do
    [ -e "$variable" ] && [ "$(tail -c 1 "$variable" | od -An -tu1 | tr -d ' ')" = 1 ] && return 0
  done
  return 1
}

mount_module() {
  local base=${1%%.*}
  case $1 in *[!a-z0-9_.-]*) psod "the name of the module $1 is not in lower case" ;; esac
  [ ${#base} -le 8 ] || psod "the name of the module $1 is not 8.3"
  case $base in s | sb | esxupdt | esxcore) psod "the module $1 has a name that is reserved" ;; esac
  gzip -dc "/load/$1" >/work/tardisk
  if ! hexdump -v -e '512/1 "%02x" "\n"' /work/tardisk | awk -f /visorfs.awk >/work/members; then
    psod "visorfs mounts no $1: $(tail -n 1 /work/members)"
  fi
  # An overlay may cover what is there; the stand-in's own tools are none of its business.
  if grep '^f \(bin\|sbin\|usr\|lib\|modules\|dev\|proc\|sys\|work\|load\)/' /work/members; then
    psod "$1 covers tools of the stand-in"
  fi
  tar -xf /work/tardisk -C /
  note "kernel mounted $1: $(sed -n 's/^f //p' /work/members | tr '\n' ' ')"
}
