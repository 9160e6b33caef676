import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enterStage, startInstall } from '../../../src/core/install-progress.ts'
import { stagesLeft } from '../../../src/core/watch/stages.ts'

const STAGED = { openedAt: 1000, isStaged: true }
const PLAIN = { openedAt: 1000, isStaged: false }

test('the first thing that is heard ends the script', () => {
  assert.deepEqual(stagesLeft(undefined, startInstall(4000), STAGED), [{ stage: 'script', beganAt: 1000, took: 3000 }])
})

test('another stage ends the one before; the same one ends nothing', () => {
  const { progress: loader } = enterStage(startInstall(4000), 'loader', 4000)
  const { progress: modules } = enterStage(loader, 'modules', 9000)
  assert.deepEqual(stagesLeft(loader, modules, STAGED), [{ stage: 'loader', beganAt: 4000, took: 5000 }])
  assert.deepEqual(stagesLeft(modules, { ...modules, heardAt: 9999 }, STAGED), [])
})

test('what comes before all stages is one only where there are no others', () => {
  const { progress: finished } = enterStage(startInstall(4000), 'finished', 64_000)
  assert.deepEqual(stagesLeft(startInstall(4000), finished, PLAIN), [{ stage: 'files', beganAt: 4000, took: 60_000 }])
  assert.deepEqual(stagesLeft(startInstall(4000), finished, STAGED), [])
})
