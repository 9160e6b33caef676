/*
 * How the program that configures an installed ESXi gets from the installer into the installed system: modules of the installer are
 * gone by then. It is packed onto the boot bank, which both see, and unpacked and removed at the first boot: it holds secrets.
 */

const ARCHIVE = 'metalspr.tgz'

/** In the installer, where /metalspray is the module. When it fails the install goes on: the host comes up as the installer left it, and says so. */
export const KEEP_SCRIPT = `set -e
tar -czf /vmfs/volumes/BOOTBANK1/${ARCHIVE} -C / metalspray/configure metalspray/host-config.json
echo 'kept what the first boot needs'
`

/** In the installed system. The program tells the server of each of its steps, and of what fails. */
export const CONFIGURE_SCRIPT = `cd "$work"
if tar -xzf /bootbank/${ARCHIVE} && rm -f /bootbank/${ARCHIVE}; then
  python metalspray/configure apply
  status=$?
else
  echo 'what the host is to be is not on the boot bank'
  status=1
fi
rm -rf metalspray
exit $status
`

/** Some settings of the kernel count from the next start on. Said last: what came before must be told and saved. */
export const REBOOT_SCRIPT = `[ ! -e /tmp/reboot-metalspray ] || esxcli system shutdown reboot --delay=20 --reason=metalspray
`
