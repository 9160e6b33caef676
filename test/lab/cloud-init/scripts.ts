/** Says where cloud-init looks for its data, and for whom it writes networks. */
export const RENDER = (renderer: string, sources = 'NoCloud') =>
  `printf 'datasource_list: [${sources}]\\nsystem_info: {network: {renderers: [${renderer}]}}\\n' > /etc/cloud/cloud.cfg.d/91-lab.cfg\n`

/** The start of a system once it has a network. */
export const STAGES = `
cloud-init init || exit 1
cloud-init modules --mode=config || exit 1
cloud-init modules --mode=final || exit 1
`
/** Shows what it became. */
export const LOOK = `
show version cloud-init --version
show hostname hostname
show name cat /etc/hostname
show keys cat /root/.ssh/authorized_keys
show root-shadow sh -c 'getent shadow root | cut -d: -f2'
show user getent passwd ops
show user-keys cat /home/ops/.ssh/authorized_keys
show user-mode stat -c '%U %a' /home/ops/.ssh/authorized_keys
show sudo sh -c 'cat /etc/sudoers.d/*'
show zone cat /etc/timezone
show time cat /etc/systemd/timesyncd.conf.d/cloud-init.conf
show syslog cat /etc/rsyslog.d/20-cloud-config.conf
show file sh -c 'cat /etc/motd.own; stat -c "%a %U" /etc/motd.own'
show forward cat /proc/sys/net/ipv4/ip_forward
show early cat /run/lab-before
show late cat /run/lab-after
show addresses ip -o addr show lan0
show mtu cat /sys/class/net/lan0/mtu
show routes ip route
show routes6 ip -6 route
show eni cat /etc/network/interfaces.d/50-cloud-init
show schema cloud-init schema --system
show result cat /run/cloud-init/result.json
show warnings grep -E 'WARNING|ERROR|CRITICAL|Traceback' /var/log/cloud-init.log
exit 0
`

/** Shows what was written of networks. */
export const FILES = `
show cards sh -c 'ip -o link | cut -d" " -f2'
show files sh -c 'cat /etc/network/interfaces.d/*; cd /run/systemd/network && grep -r . | sed "s/^[.]*\\///" | sort'
show warnings grep -E 'WARNING|ERROR|CRITICAL|Traceback' /var/log/cloud-init.log
exit 0
`
