#!/bin/sh
# A Linux on which real cloud-init runs as at a first boot, made of this machine's own system with Debian's packages laid over it: all it
# writes goes to memory. Started in mount, UTS, process and network namespaces of its own; nothing of it is left when it ends.
#
#   machine.sh PLACE PACKAGES SCRIPT
#
# PLACE is an empty folder, PACKAGES what packages.ts unpacked, SCRIPT what runs inside. PLACE/../cmdline holds the kernel's command line,
# PLACE/../seed what lies in /var/lib/cloud/seed.
set -eu
place=$1 packages=$2 script=$3
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root" "$place/net"
cp -a "$packages/." "$place/upper/"
# Links in which this machine's own system has them too; laid over it as folders they would hide what is behind.
rm "$place/upper/lib" "$place/upper/bin" "$place/upper/sbin"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
cd "$place/root"

mount -t proc proc proc
# The settings of its own network are its own; those of the kernel are everybody's.
mount --bind proc/sys/net "$place/net"
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount --bind "$place/net" proc/sys/net
mount -t sysfs -o ro sysfs sys
# No disks: cloud-init would look at them, and grow what it takes for its own.
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
: >dev/console
ln -s /proc/self/fd dev/fd
for folder in run tmp var/tmp root; do mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
chmod 700 root
mkdir -p run/lock run/network run/systemd/system var/lib/cloud/seed

# As on a disk with a fresh image.
rm -rf etc/sysctl.d etc/network/interfaces.d etc/netplan etc/ssh/ssh_host_* etc/resolv.conf
mkdir -p etc/sysctl.d etc/network/interfaces.d etc/netplan etc/ssh
printf 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n' >etc/network/interfaces
echo unnamed >etc/hostname
printf '127.0.0.1 localhost\n' >etc/hosts
hostname unnamed
# No systemd and no udev run here that could start services and name cards, and what is resolved needs them.
ln -sf true usr/bin/systemctl
ln -sf true usr/bin/udevadm
rm -f etc/network/if-*.d/resolved
# Locales are those of this machine; no boot loader is to be touched.
sed -i '/^ - \(locale\|grub-dpkg\)$/d' etc/cloud/cloud.cfg
if [ -d "$place/../seed" ]; then cp -r "$place/../seed/." var/lib/cloud/seed/; fi
# What looks for libraries by name has to find those of the packages.
chroot . /sbin/ldconfig
cp "$script" run/script

# A container's own command line is not the kernel's: cloud-init takes it from here before it asks which of them it has.
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "product_name=OpenStack Nova" \
  "DEBUG_PROC_CMDLINE=$(cat "$place/../cmdline")" chroot . /bin/sh run/script
