import type { FastifyPluginAsync } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { urgentHosts } from '../../commands/urgent-hosts.ts'
import { plannableImages } from '../../commands/workshop.ts'
import { ATTENTION_CASES } from '../../core/attention.ts'
import { rateOf } from '../../core/install-progress.ts'
import type { FileCache } from '../../images/file-cache.ts'
import type { Tally } from '../boot/tally.ts'
import type { ApiDoor } from './api/door.ts'

/** What is measured. */
export interface MetricsDoor extends ApiDoor {
  readonly tally: Tally
  readonly cache: FileCache | undefined
}

/** Who was heard within this time, in ms, is fetching. */
const FETCHING_MS = 5000

/** `/metrics`, as Prometheus reads it (text format 0.0.4). Everything is counted or read when it is asked for. */
export const metricsRoutes: FastifyPluginAsync<MetricsDoor> = async (app, door) => {
  const registry = new Registry()
  // The event loop's lag, memory and CPU time of the process, by the names that everybody's dashboards know.
  collectDefaultMetrics({ register: registry })
  addServer(registry, door)
  addHosts(registry, door)
  addDoor(registry, door)
  addStages(registry, door)
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  )
}

const QUANTILES = [0.5, 0.95] as const
/** In ms: what was installed long ago says little of today, and is read once in a while only. */
const STAGES_FRESH_MS = 60_000

/** How long the stages of finished installs took, by image: what the watchdog learns from. */
function addStages(registry: Registry, { workshop, now }: MetricsDoor): void {
  let known = { at: Number.NEGATIVE_INFINITY, values: [] as readonly StageValue[] }
  new Gauge({
    name: 'metalspray_install_stage_seconds',
    help: 'How long the stages of finished installs took',
    labelNames: ['image', 'stage', 'quantile'],
    registers: [registry],
    async collect() {
      if (now() - known.at >= STAGES_FRESH_MS) known = { at: now(), values: await readStages(workshop) }
      this.reset()
      for (const { seconds, ...labels } of known.values) this.set(labels, seconds)
    },
  })
}

interface StageValue {
  readonly image: string
  readonly stage: string
  readonly quantile: number
  readonly seconds: number
}

async function readStages({ store, images }: MetricsDoor['workshop']): Promise<readonly StageValue[]> {
  const { list } = await images.snapshot()
  const found: StageValue[] = []
  for (const { name: image } of list) {
    const byStage = Map.groupBy(await store.listStageTimes(image), ({ stage }) => stage)
    for (const [stage, times] of byStage) {
      const took = times.map((time) => time.took).sort((a, b) => a - b)
      for (const quantile of QUANTILES) {
        const ms = took[Math.ceil(quantile * took.length) - 1] ?? 0
        found.push({ image, stage, quantile, seconds: ms / 1000 })
      }
    }
  }
  return found
}

interface Measured {
  /** Without `metalspray_`. */
  readonly name: string
  readonly help: string
  readonly label?: string
}

type Values = readonly (readonly [label: string, value: number])[]

/** A number that goes up and down. */
function gauge(registry: Registry, { name, help, label }: Measured, read: () => Values | Promise<Values>): void {
  new Gauge({
    name: `metalspray_${name}`,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    async collect() {
      this.reset()
      for (const [of, value] of await read()) this.set(label === undefined ? {} : { [label]: of }, value)
    },
  })
}

/** A number that was counted elsewhere and only goes up. */
function counter(registry: Registry, { name, help, label }: Measured, read: () => Values): void {
  new Counter({
    name: `metalspray_${name}`,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      this.reset()
      for (const [of, value] of read()) this.inc(label === undefined ? {} : { [label]: of }, value)
    },
  })
}

function addServer(registry: Registry, { version, cache, workshop }: MetricsDoor): void {
  gauge(registry, { name: 'info', help: 'The version that runs', label: 'version' }, () => [[version, 1]])
  gauge(registry, { name: 'cache_bytes', help: 'Bytes of files kept in memory' }, () => [['', cache?.state.bytes ?? 0]])
  gauge(registry, { name: 'images', help: 'Images, and folders that are none', label: 'usable' }, async () => {
    const { list } = await workshop.images.snapshot()
    const usable = list.filter(({ image }) => image !== undefined).length
    return [
      ['yes', usable],
      ['no', list.length - usable],
    ]
  })
}

function addHosts(registry: Registry, { workshop, folders, now }: MetricsDoor): void {
  const { store } = workshop
  gauge(registry, { name: 'hosts', help: 'Hosts in each state', label: 'state' }, async () =>
    Object.entries(await store.countHosts()),
  )
  const attention = {
    name: 'hosts_need_a_person',
    help: 'Hosts that stand until a person does something',
    label: 'why',
  }
  gauge(registry, attention, async () => {
    const { hosts: urgent } = await urgentHosts(store, await plannableImages(workshop, folders), now)
    const numberOf = (what: string) => urgent.filter((one) => one.attention.what === what).length
    return ATTENTION_CASES.map((what) => [what, numberOf(what)] as const).filter(([, number]) => number > 0)
  })
  const fetching = async () => store.listHeard(now() - FETCHING_MS)
  gauge(registry, { name: 'installs_fetching', help: 'Installs that fetch just now', label: 'image' }, async () => {
    const images = (await fetching()).map(({ image }) => image)
    return [...new Set(images)].map((image) => [image, images.filter((one) => one === image).length] as const)
  })
  gauge(registry, { name: 'installs_bytes_per_second', help: 'What they fetch, together' }, async () => [
    ['', (await fetching()).reduce((sum, { progress }) => sum + (rateOf(progress) ?? 0), 0)],
  ])
}

function addDoor(registry: Registry, { tally }: MetricsDoor): void {
  const answers = {
    name: 'answers_total',
    help: 'Machines that asked what to do, by what they were told',
    label: 'answer',
  }
  counter(registry, answers, () => [...tally.answers])
  const refusals = {
    name: 'refusals_total',
    help: 'Requests that were refused at the boot door, by status',
    label: 'status',
  }
  counter(registry, refusals, () => [...tally.refusals].map(([status, number]) => [String(status), number]))
  const bytes = { name: 'sent_bytes_total', help: 'Bytes that went out of the boot door' }
  counter(registry, bytes, () => [['', tally.bytes]])
  gauge(registry, { name: 'connections', help: 'Open connections at the boot door' }, () => [['', tally.connections]])
}
