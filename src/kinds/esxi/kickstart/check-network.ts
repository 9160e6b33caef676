import type { Said } from './command-rules.ts'
import {
  addressFault,
  deviceFault,
  gatewayFault,
  hostAddressFault,
  hostnameFault,
  netmaskFault,
  VLANS,
} from './network-rules.ts'
import { errorAt, type Problem, warningAt } from './problem.ts'

/** What the installer looks at in a `network` command. */
export function checkNetwork(all: readonly Said[]): readonly Problem[] {
  const networks = all.filter(({ name }) => name === 'network')
  return [
    ...networks.slice(1).map((said) => {
      const text = 'there is one network in a kickstart; set up more of them in %firstboot'
      return errorAt(said, 'network-once', text)
    }),
    ...networks.flatMap((said) => [...checkValues(said), ...checkProtocol(said)]),
  ]
}

/** Each value by itself. */
const VALUES: { readonly [option: string]: (value: string) => string | undefined } = {
  ip: addressFault,
  netmask: netmaskFault,
  gateway: addressFault,
  device: deviceFault,
  nameserver: (value) =>
    value
      .split(',')
      .map(addressFault)
      .find((fault) => fault !== undefined),
  vlanid: (value) =>
    /^\d{1,4}$/.test(value) && Number(value) >= VLANS.least && Number(value) <= VLANS.most
      ? undefined
      : `is no number from ${VLANS.least} to ${VLANS.most}`,
  addvmportgroup: (value) => (/^(?:0|1|true|false)$/.test(value) ? undefined : 'is not 0, 1, true or false'),
  bootproto: (value) => (/^(?:dhcp|static)$/.test(value) ? undefined : 'is neither dhcp nor static'),
}

function checkValues(said: Said): readonly Problem[] {
  const problems: Problem[] = []
  for (const [option, value] of said.options) {
    const fault = value === undefined ? undefined : VALUES[option]?.(value)
    if (fault !== undefined) problems.push(errorAt(said, `network-${option}`, `--${option} ${value} ${fault}`))
  }
  const hostname = said.options.get('hostname')
  const fault = hostname === undefined ? undefined : hostnameFault(hostname)
  if (fault === undefined) return problems
  const at = fault.digit ? warningAt : errorAt
  return [
    ...problems,
    at(said, fault.digit ? 'hostname-digit' : 'network-hostname', `--hostname ${hostname} ${fault.text}`),
  ]
}

function checkProtocol(said: Said): readonly Problem[] {
  const bootproto = said.options.get('bootproto')
  if (bootproto === 'static') return checkStatic(said)
  const guess = 'without --bootproto the installer takes dhcp; say so'
  return [
    ...(said.options.has('bootproto') ? [] : [warningAt(said, 'network-guess', guess)]),
    ...['ip', 'netmask', 'gateway']
      .filter((option) => said.options.has(option))
      .map((option) => errorAt(said, 'network-dhcp', `--${option} does not go with dhcp; say --bootproto=static`)),
    ...['hostname', 'nameserver']
      .filter((option) => said.options.has(option))
      .map((option) => warningAt(said, 'network-dhcp', `--${option} is not looked at with dhcp`)),
  ]
}

function checkStatic(said: Said): readonly Problem[] {
  const [ip, netmask, gateway] = ['ip', 'netmask', 'gateway'].map((option) => said.options.get(option))
  if (ip === undefined) return [errorAt(said, 'network-static', '--bootproto=static wants --ip=ADDRESS')]
  const guesses = Object.entries({ netmask, gateway })
    .filter(([, value]) => value === undefined)
    .map(([option]) => warningAt(said, 'network-guess', `the installer guesses a --${option}; say which one it is`))
  if (netmask === undefined || addressFault(ip) !== undefined || netmaskFault(netmask) !== undefined) return guesses
  const own = hostAddressFault({ ip, netmask })
  const way = gateway === undefined || addressFault(gateway) ? undefined : gatewayFault(gateway, { ip, netmask })
  return [
    ...guesses,
    ...(own === undefined ? [] : [errorAt(said, 'network-ip', `--ip ${ip} ${own}`)]),
    ...(way === undefined ? [] : [errorAt(said, 'network-gateway', `--gateway ${gateway} ${way}`)]),
  ]
}
