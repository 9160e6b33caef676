import { stageUrl } from '../../../core/boot-urls.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { quoted } from '../../../core/identity.ts'
import { shellQuote } from '../../../render/quote.ts'
import type { InstallRequest } from '../../kind.ts'
import { isDescribed } from '../module/configure.ts'
import type { EsxiSettings } from '../settings.ts'
import { CONFIGURE_SCRIPT, KEEP_SCRIPT, REBOOT_SCRIPT } from './configure-script.ts'
import { DISK_SCRIPT, diskScript } from './disk-script.ts'
import { lostDescription } from './lost.ts'
import { hostnameFault } from './network-rules.ts'
import { prelude, putFile, RUN, tell } from './shell.ts'
import type { Phase, Snippet } from './snippets.ts'

/** What the sections of scripts are made of. */
export interface Scripted {
  readonly settings: EsxiSettings
  readonly snippets: readonly Snippet[]
  readonly request: Pick<InstallRequest, 'host' | 'urls' | 'description'>
}

/*
 * How patiently the server is told. Each try takes 25 seconds at most. That the install began is good to know; that it ended
 * must be known, or the host installs itself again.
 */
const TRIES = { started: 3, finished: 60, configured: 30 } as const

/** Past this time, in seconds, the installer ends the last report and goes on. */
const FINISH_SECONDS = 900

/** All sections of scripts in the order in which the installer runs them. Their place in the file is the end. */
export function sectionsOf(scripted: Scripted): string {
  const sections = [preSection(scripted), postSection(scripted), finishSection(scripted), firstbootSection(scripted)]
  return sections.filter((section) => section !== undefined).join('\n')
}

function preSection(scripted: Scripted): string {
  const { settings, request } = scripted
  const { disk } = settings
  return [
    '%pre --interpreter=busybox\n',
    prelude('installer', request.urls.boot),
    RUN,
    tell(stageUrl(request.urls, 'started'), TRIES.started),
    ...steps(scripted, 'pre'),
    ...(disk.by === 'match'
      ? [putFile(DISK_SCRIPT, diskScript(settings, disk.match)), run(DISK_SCRIPT, 'esxi.disk', failUrl(scripted))]
      : []),
    'exit 0\n',
  ].join('')
}

/** A failed step stops the installer, as it must: the host is not what its image says. */
function postSection(scripted: Scripted): string | undefined {
  const kept = configures(scripted)
    ? [putFile('keep.sh', KEEP_SCRIPT), `run keep.sh configuration ${shellQuote(reportUrl(scripted, 'post'))}\n`]
    : []
  const ours = [...kept, ...steps(scripted, 'post')]
  if (ours.length === 0) return undefined
  const { boot } = scripted.request.urls
  return ['%post --interpreter=busybox\n', prelude('installer', boot), RUN, ...ours, 'exit 0\n'].join('')
}

/** The end of the install. It is told in %post, which runs under Secure Boot as well, with what is left undone there. */
function finishSection(scripted: Scripted): string {
  const { settings, request } = scripted
  const lost = lostDescription(settings, request).map(encodeURIComponent)
  return [
    `%post --interpreter=busybox --timeout=${FINISH_SECONDS} --ignorefailure=true\n`,
    prelude('installer', request.urls.boot),
    '[ ! -e "$work/failed" ] || exit 0\n',
    ...lost.map((text) => tell(reportUrl(scripted, 'post') + text, TRIES.started)),
    tell(request.urls.finish, TRIES.finished),
    'exit 0\n',
  ].join('')
}

/** Under Secure Boot there is none: ESXi would not run it. A failed step is reported and does not keep the others from running. */
function firstbootSection(scripted: Scripted): string | undefined {
  const { settings, snippets, request } = scripted
  if (settings.secureBoot) return undefined
  const report = reportUrl(scripted, 'firstboot')
  const own = snippets.filter((snippet) => snippet.phase === 'firstboot')
  return [
    '%firstboot --interpreter=busybox\n',
    prelude('installed', request.urls.boot),
    RUN,
    'failed=\n',
    setHostname(scripted),
    ...(configures(scripted)
      ? [
          putFile('configure.sh', CONFIGURE_SCRIPT),
          `export work\nrun configure.sh configuration ${shellQuote(report)} || failed=yes\n`,
        ]
      : []),
    ...own.map(
      ({ file, name, text }) => `${putFile(file, text)}run ${file} ${name} ${shellQuote(report)} || failed=yes\n`,
    ),
    `[ -n "$failed" ] || ${tell(stageUrl(request.urls, 'configured'), TRIES.configured)}`,
    '/sbin/auto-backup.sh\n',
    ...(configures(scripted) ? [REBOOT_SCRIPT] : []),
    'exit 0\n',
  ].join('')
}

/** Under Secure Boot there is no module, and nothing of ours runs in the installed system. */
function configures({ settings, request }: Scripted): boolean {
  return !settings.secureBoot && isDescribed(request)
}

/** With DHCP the installer takes no host name. The host daemon may need a while before it does. */
function setHostname({ settings, request }: Scripted): string {
  const { bootproto, hostname = request.host.hostname } = settings.network
  if (bootproto !== 'dhcp' || hostname === undefined || settings.install === 'upgrade') return ''
  const fault = hostnameFault(hostname)
  if (fault !== undefined && !fault.digit)
    throw new ProvisionError('conflict', `host name ${quoted(hostname)} ${fault.text}`)
  const option = hostname.includes('.') ? `--fqdn=${hostname}` : `--host=${hostname}`
  return `tries=24
until esxcli system hostname set ${shellQuote(option)}; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || break
  sleep 5
done
`
}

function steps(scripted: Scripted, phase: Phase): readonly string[] {
  return scripted.snippets
    .filter((snippet) => snippet.phase === phase)
    .map(({ file, name, text }) => putFile(file, text) + run(file, name, failUrl(scripted)))
}

function run(file: string, name: string, url: string): string {
  return `run ${file} ${name} ${shellQuote(url)} || { touch "$work/failed"; exit 1; }\n`
}

function reportUrl({ request }: Scripted, stage: string): string {
  return `${request.urls.report}?stage=${stage}&text=`
}

function failUrl({ request }: Scripted): string {
  return `${request.urls.fail}?reason=`
}
