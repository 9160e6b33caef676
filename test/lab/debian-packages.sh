# What the lab needs from Debian, in the form that setup_debian of scripts/setup.sh takes. Sourced by scripts/demo and
# scripts/test; the TypeScript beside it names a package only when one of these is missing after all.
LAB_PACKAGES=(
  dnsmasq-base=dnsmasq
  ipxe=/usr/lib/ipxe/snponly.efi
  ipxe-qemu=/usr/lib/ipxe/qemu/efi-virtio.rom
  qemu-system-x86=qemu-system-x86_64
  seabios=/usr/share/seabios/bios-256k.bin
  ovmf=/usr/share/OVMF/OVMF_CODE_4M.fd
  busybox-static=/bin/busybox
  python3=/usr/bin/python3
  xz-utils=xz
  iproute2=ip
  util-linux=unshare
  curl=curl
  xorriso=xorriso
  mtools=mformat
  syslinux=syslinux
  syslinux-common=/usr/lib/syslinux/mbr/gptmbr.bin
  systemd-boot-efi=/usr/lib/systemd/boot/efi/systemd-bootx64.efi
  grub-common=grub-mkimage
  grub-efi-amd64-bin=/usr/lib/grub/x86_64-efi/moddep.lst
)
