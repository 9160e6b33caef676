import { stripVTControlCharacters } from 'node:util'
import { SingleBar } from 'cli-progress'
import ms from 'ms'
import { sizeText } from '../core/words.ts'
import type { ImportProgress, OnProgress } from '../images/progress.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './text.ts'

/** Where nobody watches a bar, a line is printed so often, in ms. */
const LINE_EVERY = 5000
const LONGEST_NAME = 40

const STEPS: { readonly [S in ImportProgress['step']]: string } = {
  compare: 'comparing',
  read: 'reading',
  verify: 'checking',
  write: 'forcing onto the disk',
}

/** Work in progress as a person sees it. Disposing of it takes the bar from the screen. */
export interface ProgressView extends Disposable {
  readonly onProgress: OnProgress
}

/** Shows progress: a bar where somebody watches, a line every few seconds in a log. */
export function showProgress(terminal: Terminal): ProgressView {
  return terminal.isLive ? barView(terminal) : lineView(terminal)
}

/** How far a step is, and how fast it has been. */
class Pace {
  readonly #startedAt: number
  readonly #startedWith: number

  constructor(now: number, progress: ImportProgress) {
    this.#startedAt = now
    this.#startedWith = progress.done
  }

  describe({ done, total, file }: ImportProgress, now: number): string {
    const seconds = (now - this.#startedAt) / 1000
    const rate = seconds < 1 ? 0 : (done - this.#startedWith) / seconds
    const left = rate > 0 && total > done ? `, ${ms(Math.ceil((total - done) / rate) * 1000)} left` : ''
    const speed = rate > 0 ? `, ${sizeText(rate)}/s` : ''
    return `${sizeText(done)} of ${sizeText(total)}${speed}${left}${file === '' ? '' : `  ${shorten(file)}`}`
  }
}

function barView(terminal: Terminal): ProgressView {
  let shown: { readonly step: string; readonly bar: SingleBar; readonly pace: Pace } | undefined
  const start = (progress: ImportProgress) => {
    shown?.bar.stop()
    const format = `${STEPS[progress.step]} ${terminal.colors.cyan('{bar}')} {percentage}%  {told}`
    // The last state is drawn when the bar stops, and no timer keeps an ended program alive.
    const bar = new SingleBar({
      format,
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      fps: 10,
      linewrap: null,
    })
    bar.start(Math.max(progress.total, 1), progress.done, { told: '' })
    return { step: progress.step, bar, pace: new Pace(terminal.now(), progress) }
  }
  const stop = () => {
    shown?.bar.stop()
    shown = undefined
  }
  return {
    onProgress: (progress) => {
      if (progress.step === 'write') {
        stop()
        terminal.say(`${STEPS.write} ...`)
        return
      }
      if (shown?.step !== progress.step) shown = start(progress)
      shown.bar.setTotal(Math.max(progress.total, 1))
      shown.bar.update(progress.done, { told: shown.pace.describe(progress, terminal.now()) })
    },
    [Symbol.dispose]: stop,
  }
}

function lineView(terminal: Terminal): ProgressView {
  let last: { readonly step: string; readonly pace: Pace; readonly at: number } | undefined
  return {
    onProgress: (progress) => {
      const now = terminal.now()
      if (last?.step !== progress.step) last = { step: progress.step, pace: new Pace(now, progress), at: now }
      if (now - last.at < LINE_EVERY) return
      last = { ...last, at: now }
      terminal.say(`${STEPS[progress.step]}: ${last.pace.describe(progress, now)}`)
    },
    [Symbol.dispose]: () => undefined,
  }
}

function shorten(file: string): string {
  const shown = stripVTControlCharacters(printable(file))
  return shown.length > LONGEST_NAME ? `...${shown.slice(3 - LONGEST_NAME)}` : shown
}
