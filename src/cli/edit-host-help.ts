export const EXAMPLES = `
Examples:
  edit-host -l                              all hosts, a line each
  edit-host -i 3                            all about one host
  edit-host -i 3 -s wipe,esxi8              apply wipe, then esxi8, from its next boot on
  edit-host -i esx1 -s esxi8 --expires 2h   only if it boots within two hours
  edit-host -i 52:54:00:12:34:56 -n esx1    a host by its MAC address
  edit-host -i 3 -i 4 -m '{"rack": "b4"}'   two hosts, each a change of its own
  edit-host -i 3 --set esxi.disk=local --set esxi.network.vlan=20
  edit-host -i 3 --root-password -s esxi8   ask for ESXi's root password, then assign
  edit-host -i 3 -s finished --protect      nothing is installed on it any more
  edit-host -i 3 --merge 7                  two entries of one machine: 7 goes into 3
  edit-host -i 3 --events --last 20         what happened to it

Exit codes: 0 done, 1 refused, 2 nothing to do or not understood.`
