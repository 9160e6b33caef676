import { tryHostConfig } from '../../core/config/read-config.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { BootFile, InstallRequest, Kind } from '../kind.ts'
import { COMBOOT_PROBE, combootProbe } from './comboot.ts'
import { esxiLayers } from './described.ts'
import { firmwareFaults } from './firmware.ts'
import { firmwareBoot } from './firmware-boot.ts'
import { makeKickstart } from './kickstart/make.ts'
import { kickstartProblems, kickstartWarnings } from './kickstart/problems.ts'
import { esxiLimits } from './limits.ts'
import { MODULE_NAME, makeBootCfg, tryBootCfg } from './make-boot-cfg.ts'
import { esxiMedia } from './media.ts'
import { makeModule, metadataFiles } from './module/module.ts'
import { recogniseEsxi } from './recognise.ts'
import { readEsxiSettings, tryEsxiSettings } from './settings.ts'
import { isSnippet } from './snippets.ts'
import { EMPTY_GZIP, verifyModules } from './verify.ts'

const TEXT = 'text/plain; charset=utf-8'
const BINARY = 'application/octet-stream'

/** VMware ESXi's installer, from its medium: a kernel, some hundred modules and a loader of its own. */
export const esxi: Kind = {
  name: 'esxi',
  looksFor: 'an ESXi medium: efi/boot/boot.cfg or boot.cfg, every file that it names, and a loader',
  recognise: recogniseEsxi,
  verify: verifyModules,
  isOwnFile: isSnippet,
  media: esxiMedia,
  // The loader is not a kernel: it has a script of its own.
  boot: () => undefined,
  bootFiles: (settings) => [
    'boot.cfg',
    'ks.cfg',
    ...(tryEsxiSettings(settings).settings.secureBoot ? [] : [MODULE_NAME]),
  ],
  bootFile,
  firmwareBoot,
  stages: {
    parts: {
      mboot: 'loader',
      mbootArm: 'loader',
      mbootBios: 'loader',
      crypto: 'loader',
      kernel: 'kernel',
      modules: 'modules',
    },
    files: { [COMBOOT_PROBE]: 'loader', 'boot.cfg': 'loader', [MODULE_NAME]: 'modules', 'ks.cfg': 'kickstart' },
  },
  emptyForBios: EMPTY_GZIP,
  problems,
  limits: esxiLimits,
  warnings: kickstartWarnings,
}

async function bootFile(name: string, request: InstallRequest): Promise<BootFile | undefined> {
  switch (name) {
    case 'boot.cfg':
      return { type: TEXT, body: await makeBootCfg(request) }
    case 'ks.cfg':
      return { type: TEXT, body: await makeKickstart(request) }
    case MODULE_NAME:
      return readEsxiSettings(esxiLayers(request)).secureBoot
        ? undefined
        : { type: BINARY, body: await makeModule(request) }
    case COMBOOT_PROBE:
      return { type: BINARY, body: combootProbe() }
    default:
      return metadataFile(name, request)
  }
}

function metadataFile(name: string, request: InstallRequest): BootFile | undefined {
  const files = metadataFiles(request)
  const body = Object.hasOwn(files, name) ? files[name] : undefined
  return body === undefined ? undefined : { type: 'application/json', body }
}

async function problems(request: InstallRequest): Promise<readonly string[]> {
  const ofFirmware = firmwareFaults(request.image, request.host.firmware)
  const ofSettings = [...tryHostConfig(request.description).problems, ...tryEsxiSettings(esxiLayers(request)).problems]
  // Wrong settings would spoil either file.
  if (ofSettings.length > 0) return [...ofFirmware, ...ofSettings]
  return [
    ...ofFirmware,
    ...(await refusals(async () => (await tryBootCfg(request)).problems)),
    ...(await kickstartProblems(request)),
  ]
}

async function refusals(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ProvisionError) return [error.message]
    throw error
  }
}
