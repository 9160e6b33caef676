import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachStore } from '../support/stores.ts'

eachStore((open) => {
  test('nothing is set at first', async (t) => {
    assert.deepEqual(await open(t).readDefaults(), { server: {}, images: {} })
  })

  test('what is set for all hosts and for an image is kept apart', async (t) => {
    const store = open(t)
    await store.changeDefaults(undefined, () => ({ esxi: { keyboard: 'German' } }))
    const changed = await store.changeDefaults('esxi8', (before) => ({ ...before, esxi: { disk: 'local' } }))
    assert.deepEqual(changed, { esxi: { disk: 'local' } })
    assert.deepEqual(await store.readDefaults(), {
      server: { esxi: { keyboard: 'German' } },
      images: { esxi8: { esxi: { disk: 'local' } } },
    })
  })

  test('a change that throws leaves what was set', async (t) => {
    const store = open(t)
    await store.changeDefaults('esxi8', () => ({ a: 1 }))
    await assert.rejects(
      store.changeDefaults('esxi8', () => {
        throw new Error('no')
      }),
    )
    assert.deepEqual((await store.readDefaults()).images, { esxi8: { a: 1 } })
  })
})
