import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionError } from '../../core/errors.ts'
import type { Network } from '../../dnsmasq/interface.ts'
import { askDhcp } from '../../netboot/ask-dhcp.ts'
import type { BootAnswer } from '../../netboot/boot-answer.ts'
import { knock } from '../../netboot/knock.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

type Deps = Pick<DoctorDeps, 'firmwares' | 'waitMs' | 'random' | 'cardOf' | 'proc'>

/** What came of asking all DHCP servers; `undefined` when nobody could be asked. */
export interface AskedDhcp {
  readonly answers: readonly BootAnswer[] | undefined
  readonly findings: readonly Finding[]
}

const WHY = 'DHCP gives machines their address and tells them what to start'

/** Asks as machines do, and says who answered. What they answered is judged one by one. */
export async function askServers(deps: Deps, network: Network, signal: AbortSignal): Promise<AskedDhcp> {
  const { firmwares, waitMs } = deps
  try {
    const answers = await askDhcp({ address: network.address, firmwares, waitMs, xid: deps.random(), signal })
    return { answers, findings: await judgeServers(deps, network, answers) }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return { answers: undefined, findings: [notAsked(error, network)] }
  }
}

function notAsked(error: ProvisionError, { interface: name }: Network): Finding {
  const what = `DHCP was not asked, so who answers machines is not known: ${error.message}`
  const mends: Partial<Record<ProvisionError['kind'], string>> = {
    unauthorized: `sudo metalspray doctor --interface ${name}`,
    conflict: "a DHCP client has it: ss -ulpn 'sport = :68'; stop it for the moment, or ask from another machine",
  }
  return warn('dhcp', what, { why: WHY, mend: mends[error.kind] ?? `ip address show ${name}` })
}

async function judgeServers(deps: Deps, network: Network, answers: readonly BootAnswer[]): Promise<readonly Finding[]> {
  const { interface: name, address } = network
  if (answers.length === 0) {
    const mend = `metalspray serve --interface ${name}; when it runs, a firewall drops UDP 67: nft list ruleset`
    return [fail('dhcp-no-answer', `no DHCP server answers on ${name}`, { why: WHY, mend })]
  }
  const givers = serversOf(answers.filter((answer) => answer.address !== undefined))
  const [only] = givers
  if (only === undefined) {
    const what = `${serversOf(answers).join(' and ')} tells what to start, and nobody gives an address`
    const mend = `without --proxy metalspray gives them: metalspray serve --interface ${name}`
    return [fail('dhcp-no-address', what, { why: WHY, mend })]
  }
  if (givers.length === 1) {
    const helpers = serversOf(answers).filter((server) => server !== only)
    const beside = helpers.length === 0 ? '' : `; ${helpers.join(' and ')} tells what to start`
    return [ok('dhcp', `${await describe(deps, only, address)} gives addresses on ${name}${beside}`, WHY)]
  }
  const all = await Promise.all(givers.map((server) => describe(deps, server, address)))
  const foreign = givers.find((server) => server !== address) ?? only
  const mend = givers.includes(address)
    ? `take ${foreign} off this network (ip neigh show ${foreign} tells its card), or leave addresses to it: metalspray serve --interface ${name} --proxy`
    : `take one of them off this network; ip neigh show dev ${name} tells their cards`
  const what = `${givers.length} DHCP servers give addresses on ${name}: ${all.join(' and ')}`
  return [
    fail('dhcp-second-server', what, {
      why: 'machines take the first answer, and boot or do not, as it happens',
      mend,
    }),
  ]
}

function serversOf(answers: readonly BootAnswer[]): readonly string[] {
  return [...new Set(answers.map(({ server }) => server))].sort()
}

/** A foreign server is looked for in a room by its card. */
async function describe({ cardOf }: Deps, server: string, own: string): Promise<string> {
  if (server === own) return `${server} (this machine)`
  await knock(server)
  for (let left = 10; left > 0; left -= 1) {
    const card = await cardOf(server)
    if (card !== undefined) return `${server} (card ${card})`
    await sleep(50)
  }
  return `${server} (its card is not known here)`
}
