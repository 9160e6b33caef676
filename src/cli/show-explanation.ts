import type { MadeFile } from '../commands/explain/explanation.ts'
import type { ExplainedSetting, Explanation } from '../commands/explain.ts'
import type { Attention } from '../core/attention.ts'
import { describeDecision } from '../core/decide.ts'
import { type Host, nameOf } from '../core/host.ts'
import { cardName, describeIdentity } from '../core/identity.ts'
import { formatPlan } from '../core/plan.ts'
import { formatValue } from '../core/setting.ts'
import type { UsedTemplate } from '../render/templates.ts'
import type { Terminal } from './terminal.ts'
import { ago, columns, printable } from './text.ts'

/** What an explanation was asked for. */
export interface ExplanationAsked {
  /** The image that it was asked about, if one was. */
  readonly image: string | undefined
  /** Whether a person has to look at the host. */
  readonly attention: Attention | undefined
  /** The files of that boot. */
  readonly made: readonly MadeFile[]
}

/** Prints what a host would get at its next boot, for people. */
export function showExplanation(terminal: Terminal, explained: Explanation, asked: ExplanationAsked): void {
  const { bold, dim, red, yellow } = terminal.colors
  const { decision, why, problems, warnings } = explained
  terminal.out(bold(headOf(explained, asked.image)))
  showAttention(terminal, asked.attention)
  for (const [name, value] of factsOf(explained, terminal.now())) {
    if (value !== '') terminal.out(`  ${dim(name.padEnd(10))}${printable(value)}`)
  }
  // What is wrong stands below, on lines of its own.
  const does = problems.length > 0 && decision.kind === 'hold' ? 'is held' : describeDecision(decision)
  terminal.out(`\nAt its next boot it ${printable(does)}: ${printable(why)}.`)
  if (problems.length > 0) terminal.out(`\n${red('Its loader or its installer would refuse:')}`)
  for (const problem of problems) terminal.out(`  ${printable(problem)}`)
  if (warnings.length > 0) terminal.out(`\n${yellow('It would go on, but:')}`)
  for (const warning of warnings) terminal.out(`  ${printable(warning)}`)
  if (explained.settings.length > 0) showSettings(terminal, explained)
  showFiles(terminal, asked.made)
  showLimits(terminal, explained)
  showScript(terminal, explained)
}

function showAttention({ out, colors }: Terminal, attention: Attention | undefined): void {
  if (attention === undefined || attention.level === 'none') return
  out((attention.level === 'act' ? colors.red : colors.yellow)(printable(`${attention.why}.`)))
}

function showSettings(terminal: Terminal, { settings, image }: Explanation): void {
  const from: { readonly [P in ExplainedSetting['from']]: string } = {
    host: 'this host',
    image: `image ${image?.name}`,
    'image.json': `image.json of ${image?.name}`,
    server: 'all hosts',
  }
  terminal.out(`\n${terminal.colors.bold('What is set for it')}, and for whom:`)
  const rows = settings.map((one) => [printable(one.path), printable(formatValue(one.value)), from[one.from]])
  for (const line of columns(['', '', ''], rows).slice(1)) terminal.out(`  ${line}`)
}

function showFiles(terminal: Terminal, made: readonly MadeFile[]): void {
  terminal.out(`\n${terminal.colors.bold('Files of that boot')}, with --raw:`)
  const rows = made.map((file) =>
    'problem' in file
      ? [printable(file.name), '', '', terminal.colors.red(printable(file.problem))]
      : [printable(file.name), `${file.size} B`, file.sha256.slice(0, SHORT_SUM), templatesOf(file.templates)],
  )
  for (const line of columns(['', 'size', 'sha256', 'template'], rows)) terminal.out(`  ${line}`)
}

/** Enough to see that two files differ; `--json` has all of it. */
const SHORT_SUM = 12

/** Its own, and the includes that are not the package's. */
function templatesOf(templates: readonly UsedTemplate[]): string {
  const [own, ...included] = templates
  if (own === undefined) return ''
  const others = included.filter(({ from }) => from !== 'built-in').map(shownTemplate)
  return [shownTemplate(own), ...others].join(', ')
}

const OWNERS = { image: "the image's own", operator: "the operator's", 'built-in': 'built-in' } as const

function shownTemplate({ name, from }: UsedTemplate): string {
  return from === 'built-in' ? printable(name) : `${printable(name)} (${OWNERS[from]})`
}

function showLimits({ out, colors }: Terminal, { limits }: Explanation): void {
  if (limits.length === 0) return
  out(`\n${colors.bold('How near it is to its limits')}:`)
  const rows = limits.map(({ what, value, most, unit }) => {
    const line = `${value} of ${most}${unit === '' ? '' : ` ${unit}`}`
    return [printable(what), value > most ? colors.red(line) : line]
  })
  for (const line of columns(['', ''], rows).slice(1)) out(`  ${line}`)
}

function headOf({ host }: Explanation, asked: string | undefined): string {
  const plan = host.plan.images.length === 0 ? '' : `, with the plan ${formatPlan(host.plan)}`
  const state = asked === undefined ? `is ${host.state}${plan}` : `as if its plan were ${asked}`
  return `${nameOf(host)} ${state}${host.protected ? '; it is protected' : ''}`
}

function factsOf({ host, image }: Explanation, now: number): readonly (readonly [string, string])[] {
  const from = host.address === undefined ? '' : ` from ${host.address}`
  return [
    ['Known by', describeIdentity(host)],
    [
      'Firmware',
      Object.values(host.firmware ?? {})
        .filter(Boolean)
        .join(', '),
    ],
    ['Boots', host.firmwareBoot === 'http' ? withoutIpxe(host) : ''],
    ['Seen', ago(host.seenAt, now) + from],
    ['Image', image === undefined ? '' : [image.name, image.kind, image.label].filter(Boolean).join(', ')],
  ]
}

function withoutIpxe({ macs }: Host): string {
  const cards = macs.map((mac) => `/uefi/${cardName(mac)}/`).join(', ')
  return `by its firmware's HTTP boot, without iPXE; it finds mboot.efi and boot.cfg in ${cards}`
}

function showScript(terminal: Terminal, { host, script }: Explanation): void {
  const { bold, red } = terminal.colors
  if ('problem' in script) {
    terminal.out(`\n${red('Its boot script cannot be made:')} ${printable(script.problem)}`)
    return
  }
  const when = host.firmwareBoot === 'http' ? ', were it to come by iPXE' : ''
  terminal.out(`\n${bold('Its boot script')}${when}, from ${script.template}:`)
  for (const line of script.text.trimEnd().split('\n')) terminal.out(`  ${printable(line)}`.trimEnd())
}
