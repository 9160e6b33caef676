import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediumName, type Release } from '../../../src/kinds/esxi/release.ts'

/** As VMware and others have called their ISOs, and some of the labels on them. */
const NAMES: { readonly [name: string]: Release } = {
  'VMware-VMvisor-Installer-6.7.0.update03-14320388.x86_64.iso': { version: '6.7.0', update: 'U3', build: '14320388' },
  'VMware-VMvisor-Installer-201912001-15160138.x86_64.iso': {},
  'VMware-VMvisor-Installer-7.0U3g-20328353.x86_64.iso': { version: '7.0', update: 'U3g', build: '20328353' },
  'VMware-VMvisor-Installer-8.0-20513097.x86_64.iso': { version: '8.0', build: '20513097' },
  'VMware-VMvisor-Installer-9.0.0-24314719.x86_64.iso': { version: '9.0.0', build: '24314719' },
  'VMware-VMvisor-Installer-7.0.0.update03-21424296.x86_64-DellEMC_Customized-A10.iso': {
    version: '7.0.0',
    update: 'U3',
    build: '21424296',
    vendor: 'Dell',
  },
  'VMware-ESXi-6.7.0-Update3-14320388-HPE-Gen9plus-670.U3.10.4.5.19-Nov2019.iso': {
    version: '6.7.0',
    update: 'U3',
    build: '14320388',
    vendor: 'HPE',
  },
  'VMware_ESXi_6.7.0.update03_14320388_LNV_20191030.iso': {
    version: '6.7.0',
    update: 'U3',
    build: '14320388',
    vendor: 'Lenovo',
  },
  'VMware-ESXi-7.0.3d-19482537-Custom-Cisco-4.2.2-a.iso': { version: '7.0.3', build: '19482537', vendor: 'Cisco' },
  'VMware-ESXi-7.0.3.update03-19193900-Fujitsu-v530-1.iso': {
    version: '7.0.3',
    update: 'U3',
    build: '19193900',
    vendor: 'Fujitsu',
  },
  'ESXI-8.0U3E-24677879-STANDARD': { version: '8.0', update: 'U3E', build: '24677879' },
  'my-connected-ESXi.iso': {},
}

test('the name of an ISO tells the release, the build and who made it', () => {
  for (const [name, release] of Object.entries(NAMES)) assert.deepEqual(mediumName(name), release, name)
})
