import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fromCloudConfig } from '../../../../src/core/config/from/cloud-config.ts'
import { fromNetplan } from '../../../../src/core/config/from/netplan.ts'
import { fromOpenStack } from '../../../../src/core/config/from/openstack.ts'
import type { HostConfig } from '../../../../src/core/config/model.ts'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'
import { toCloudConfig } from '../../../../src/core/config/to/cloud-config.ts'
import { toNetplan } from '../../../../src/core/config/to/netplan.ts'
import { toMetaData, toNetworkData } from '../../../../src/core/config/to/openstack.ts'
import { networkConfigs, systemConfigs } from '../../../support/host-config.ts'
import { hostOf } from '../../../support/hosts.ts'

/** Everything of links but what ESXi alone would call them. */
function linksOf({ links }: HostConfig) {
  return links.map((link) => ({ ...link, vswitch: undefined }))
}

/** Networks in the order of their links, for forms that have one list for each link. */
function networksOf(config: HostConfig) {
  return config.networks
    .map((network) => ({ ...network, portGroup: undefined, management: undefined }))
    .map((one) => JSON.stringify(one))
    .toSorted()
}

describe('what is written is read as the same', () => {
  test('as a config drive', () => {
    fc.assert(
      fc.property(networkConfigs, (own) => {
        const config = readHostConfig([own])
        const { config: drive, warnings } = fromOpenStack({
          metaData: toMetaData(hostOf({}), config),
          networkData: toNetworkData(hostOf({}), config),
        })
        const again = readHostConfig([drive])
        assert.deepEqual(linksOf(again), linksOf(config))
        // There, one network of each kind can be the way to everywhere.
        const first = (isV6: boolean) => config.networks.find(({ gateway }) => gateway?.includes(':') === isV6)
        const plain = config.networks.map((one) => ({
          ...one,
          gateway: one === first(false) || one === first(true) ? one.gateway : undefined,
        }))
        assert.deepEqual(networksOf(again), networksOf({ ...config, networks: plain }))
        assert.ok(
          warnings.every((warning) => /default route/.test(warning)),
          warnings.join(),
        )
      }),
    )
  })

  test('as netplan, but for what all networks of a link have together', () => {
    fc.assert(
      fc.property(networkConfigs, (own) => {
        const config = readHostConfig([own])
        const { config: netplan, warnings } = fromNetplan(toNetplan(config))
        assert.deepEqual(warnings, [])
        const again = readHostConfig([netplan])
        // A card that is preferred to others is there first; in other modes none is.
        assert.deepEqual(linksOf(again), linksOf(config))
        const shown = ({ networks }: HostConfig) =>
          [...new Set(networks.map(({ link, method, address }) => [link, method, address].join(' ')))].toSorted()
        // Whoever gets addresses by DHCP hears routers too.
        const isHeard = (text: string) => !text.includes(' slaac ')
        assert.deepEqual(shown(again).filter(isHeard), shown(config).filter(isHeard))
      }),
    )
  })

  test('as cloud-init’s user data', () => {
    fc.assert(
      fc.property(systemConfigs, (own) => {
        const host = hostOf({ hostname: 'esx01' })
        const config = readHostConfig([own])
        const { config: data } = fromCloudConfig(toCloudConfig(host, config))
        assert.deepEqual(readHostConfig([data]), { ...config, hostname: config.hostname ?? 'esx01' })
      }),
    )
  })
})

test('a host of which nothing is said gets DHCP on its first card, and its own name', () => {
  const host = hostOf({ hostname: 'esx01' })
  const config = readHostConfig([{ domain: 'example.org' }])
  const drive = fromOpenStack({ metaData: toMetaData(host, config), networkData: toNetworkData(host, config) })
  const read = readHostConfig([drive.config])
  assert.equal(read.hostname, 'esx01.example.org')
  assert.deepEqual(
    read.networks.map(({ method, management }) => [method, management]),
    [['dhcp', true]],
  )
  assert.deepEqual(toNetplan(config), { version: 2 })
})
