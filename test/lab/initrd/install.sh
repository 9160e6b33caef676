#!/bin/sh
# What KIWI's own installer does, in small: network, image to disk, check, post-install script, reboot.
. /common.sh
start_system
say "install start $NAME"

DISK=/dev/vda

fail() {
  say "install failed $*"
  url=$(argument metalspray.fail) || url="$(server_base)/b/$(query_value bootid)/fail"
  if post "$url" "reason=$(form_value "$*")" >/dev/null; then say "install fail reported"; else say "install fail not reported"; fi
  stop_here "$*"
}

# How far the image is written: where dd stands in it. What the disk itself has got comes much later, out of the cache.
written() {
  pid=$(pidof dd) && awk '/^pos:/ {printf "%d", $2 / 1048576}' "/proc/${pid%% *}/fdinfo/1" 2>/dev/null
}

# Shows it, until it is killed. A download that stands still for half a minute is cut, and so counted.
watch_disk() {
  local before=-1 still=0 now=0
  while sleep 1; do
    now=$(written)
    say "install progress ${now:-0} MiB"
    if [ "$now" = "$before" ]; then still=$((still + 1)); else still=0; fi
    [ $still -ge 30 ] && killall wget 2>/dev/null
    before=$now
  done
}

write_image() {
  set -o pipefail
  { get "$IMAGE" | xz -dc | dd of="$DISK" bs=1M conv=fsync; } 2>/tmp/errors
  result=$?
  set +o pipefail
  return $result
}

start_network
[ "$VARIANT" = fail ] && fail "this image always fails"

IMAGE=$(argument rd.kiwi.install.image) || fail "no rd.kiwi.install.image= on the kernel command line"
[ -b "$DISK" ] || fail "no disk $DISK"
say "install image $IMAGE"
# What cloud-init of the installed system would find, if the kernel was told where.
if SEED=$(argument ds); then
  say "install seed $SEED has $(get "${SEED#*s=}meta-data" | tr -d ' \n')"
  say "install network $(argument network-config | base64 -d | zcat)"
fi
attempt=1
while :; do
  say "install attempt $attempt"
  watch_disk &
  watcher=$!
  write_image
  result=$?
  kill $watcher 2>/dev/null
  [ $result -eq 0 ] && break
  say "install download cut (attempt $attempt), again in 3 s: $(grep -v records /tmp/errors | tr '\n' ' ')"
  attempt=$((attempt + 1))
  sleep 3
done
say "install written after $attempt attempt(s)"

# KIWI's checksum: md5 of the unpacked image, then how many blocks of which size it has.
if read -r sum blocks size rest <<MD5
$(get "${IMAGE%.xz}.md5")
MD5
  [ -n "$sum" ]; then
  echo 3 >/proc/sys/vm/drop_caches
  [ "$(dd if="$DISK" bs="$size" count="$blocks" 2>/dev/null | md5sum | cut -d' ' -f1)" = "$sum" ] || fail "md5 differs"
  say "install md5 ok"
else
  say "install md5 missing"
fi

if URL=$(argument razorurl); then
  attempt=1
  until get "$URL" >/tmp/post-install; do
    say "install no post-install script (attempt $attempt), again in 3 s"
    attempt=$((attempt + 1))
    sleep 3
  done
  say "install post-install $URL"
  set -o pipefail
  if sh /tmp/post-install 2>&1 | sed 's/^/metalspray-lab: post-install: /'; then
    say "install post-install done"
  else
    fail "post-install script failed"
  fi
fi
restart
