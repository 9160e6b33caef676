#!/bin/sh
# Called by udhcpc with the lease in variables; keeps the lease for who wants more of it than the address.
case $1 in
  bound | renew)
    ip addr flush dev "$interface"
    ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -n "$router" ] && ip route add default via "${router%% *}" dev "$interface"
    echo "boot_file=${boot_file:-$bootfile}" >/work/lease
    : >/etc/resolv.conf
    for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
    ;;
esac
exit 0
