import { stageUrl } from '../../../core/boot-urls.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { InstallRequest } from '../../kind.ts'
import { describedJson } from '../../seed.ts'
import { hideHostSecrets } from '../../settings.ts'
import { makeKickstart } from '../kickstart/make.ts'
import { configureFiles } from './configure.ts'
import { hostMetaData, hostNetworkData } from './metadata.ts'
import { packModule } from './tar.ts'

/** The folder in the installer's root in which all of it appears. */
const FOLDER = 'metalspray'

/**
 * Makes the module that tells the installer's system who it runs on: `/metalspray/host.json` and the files beside it.
 * @throws {ProvisionError} conflict, when the kickstart cannot be made
 */
export async function makeModule(request: InstallRequest): Promise<Buffer> {
  const files = {
    'ks.cfg': await makeKickstart(request),
    ...metadataFiles(request),
    ...configureFiles(request),
  }
  return packModule(new Map(Object.entries(files).map(([name, text]) => [`${FOLDER}/${name}`, text])))
}

/** What is known of the host, by file name; without the module, under Secure Boot, scripts can fetch it. */
export function metadataFiles(request: InstallRequest): { readonly [name: string]: string } {
  return {
    'host.json': jsonText(hostJson(request)),
    'meta_data.json': jsonText(hostMetaData(request)),
    'network_data.json': jsonText(hostNetworkData(request)),
  }
}

/** Who the host is, and where it reports to: nothing that is secret beyond this boot's own addresses. */
function hostJson(request: InstallRequest): JsonObject {
  const { host, image, urls } = request
  return {
    id: host.id,
    hostname: host.hostname ?? null,
    macs: host.macs,
    serial: host.serial ?? null,
    uuid: host.uuid ?? null,
    image: image.name,
    metadata: hideHostSecrets(host).metadata,
    config: describedJson(request),
    urls: {
      boot: urls.boot,
      tree: urls.tree,
      started: stageUrl(urls, 'started'),
      configured: stageUrl(urls, 'configured'),
      finish: urls.finish,
      fail: urls.fail,
      report: urls.report,
    },
  }
}

function jsonText(value: JsonObject): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
