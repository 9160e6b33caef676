import { createHash } from 'node:crypto'
import { type BootUrls, bootUrls } from '../../core/boot-urls.ts'
import { CONFIG_KEY } from '../../core/config/model.ts'
import type { Decision } from '../../core/decide.ts'
import { ProvisionError } from '../../core/errors.ts'
import { type Host, nameOf } from '../../core/host.ts'
import { cardName, type Mac } from '../../core/identity.ts'
import type { Image } from '../../core/image.ts'
import type { BootFile, InstallRequest } from '../../kinds/kind.ts'
import { seedFile, tryWholeJson } from '../../kinds/seed.ts'
import { standInKindSecrets, standInSecrets } from '../../kinds/settings.ts'
import type { BootScriptRequest } from '../../render/boot-data.ts'
import type { UsedTemplate } from '../../render/templates.ts'
import { NO_BOOTID, nextBoot, USUAL_BASE } from '../find-problems.ts'
import { loadKernel } from '../load-kernel.ts'
import { prepareInstall } from '../prepare-install.ts'
import type { ExplainDeps, Explained, Explanation, MadeFile } from './explanation.ts'

/** The boot script and the post-install script, which are made for images of every kind. */
export const SCRIPT = 'script'
export const POST_INSTALL = 'post-install'

/**
 * Makes one file as the host would get it at its next boot, but for the boot's id, which is zeros.
 * @param showsSecrets without it, settings that nobody may see have other values of the same form
 * @throws {ProvisionError} not-found, when there is no such file; whatever stands in the way of making it
 */
export async function explainFile(
  deps: ExplainDeps,
  { host, decision, image, files }: Explained,
  { name, showsSecrets }: { readonly name: string; readonly showsSecrets: boolean },
): Promise<BootFile['body']> {
  if (name === SCRIPT) return deps.templates.bootScript(await scriptRequest(deps, host, decision))
  if (image !== undefined && name === POST_INSTALL) {
    const request = await prepareInstall(deps, nextBoot(host, image, deps.base))
    const script = await scriptRequest(deps, host, decision)
    const config = tryWholeJson(showsSecrets ? request : withoutSecrets(request))
    return deps.templates.postInstall({ ...script, image: image.name, config })
  }
  const made = image === undefined ? undefined : await makeFile(deps, { host, image, name, showsSecrets })
  if (made !== undefined) return made.body
  throw new ProvisionError('not-found', `no file ${name} is made for ${nameOf(host)}; there are ${files.join(', ')}`)
}

/**
 * Makes all files of a host's next boot, and says what each of them is.
 * @param showsSecrets as for {@link explainFile}
 */
export async function describeFiles(
  deps: ExplainDeps,
  explained: Explanation,
  showsSecrets = false,
): Promise<readonly MadeFile[]> {
  const made: MadeFile[] = []
  for (const name of explained.files) made.push(await describeFile(deps, explained, { name, showsSecrets }))
  return made
}

async function describeFile(
  deps: ExplainDeps,
  explained: Explanation,
  asked: { readonly name: string; readonly showsSecrets: boolean },
): Promise<MadeFile> {
  const { name } = asked
  const { templates, used } = notingTemplates(deps.templates)
  try {
    const body = Buffer.from(await explainFile({ ...deps, templates }, explained, asked))
    const sha256 = createHash('sha256').update(body).digest('hex')
    return { name, size: body.length, sha256, templates: used }
  } catch (error) {
    if (error instanceof ProvisionError) return { name, problem: error.message }
    throw error
  }
}

/** The templates with a note of those that anything was made of by them. */
function notingTemplates(templates: ExplainDeps['templates']): {
  readonly templates: ExplainDeps['templates']
  readonly used: readonly UsedTemplate[]
} {
  const used: UsedTemplate[] = []
  const noting = <T>(render: () => T): T => {
    const noted = templates.noting(render)
    used.push(...noted.used.filter(({ name }) => used.every((one) => one.name !== name)))
    return noted.result
  }
  return {
    used,
    templates: {
      bootScript: (request) => noting(() => templates.bootScript(request)),
      postInstall: (request) => noting(() => templates.postInstall(request)),
      kindFile: (file, name, data) => noting(() => templates.kindFile(file, name, data)),
      bootTemplate: (request) => templates.bootTemplate(request),
      conflict: (data) => templates.conflict(data),
      noting: (render) => templates.noting(render),
    },
  }
}

async function makeFile(
  deps: ExplainDeps,
  asked: { readonly host: Host; readonly image: Image; readonly name: string; readonly showsSecrets: boolean },
): Promise<BootFile | undefined> {
  const { host, image } = asked
  const { name, mac } = cardOf(host, asked.name)
  const request = await prepareInstall(deps, { ...nextBoot(host, image, deps.base), mac })
  const shown = asked.showsSecrets ? request : withoutSecrets(request)
  return (await deps.kindOf(image).bootFile?.(name, shown)) ?? seedFile(name, shown)
}

/**
 * A loader asks for `01-<mac>/boot.cfg` by the card that it booted from; `boot.cfg` is shown for the first one. All other files are asked for
 * without a word of a card.
 */
function cardOf(host: Host, file: string): { readonly name: string; readonly mac: Mac | undefined } {
  const mac = host.macs.find((one) => file === `${cardName(one)}/boot.cfg`)
  if (mac !== undefined) return { name: 'boot.cfg', mac }
  return { name: file, mac: file === 'boot.cfg' ? host.macs[0] : undefined }
}

/** No file is made of the real ones: what a template of an operator's own does with them cannot be known. */
function withoutSecrets(request: InstallRequest): InstallRequest {
  const { host, image, settings } = request
  return {
    ...request,
    host: { ...host, metadata: standInSecrets(host.metadata) },
    image: {
      ...image,
      ...(image.settings && { settings: standInKindSecrets(image.kind, image.settings) }),
      ...(image.description && { description: standInKindSecrets(CONFIG_KEY, image.description) }),
    },
    settings: settings.map((layer) => standInKindSecrets(image.kind, layer)),
    description: request.description.map((layer) => standInKindSecrets(CONFIG_KEY, layer)),
  }
}

/** What a host's boot script is made of at its next boot. */
export async function scriptRequest(deps: ExplainDeps, host: Host, decision: Decision): Promise<BootScriptRequest> {
  const base = deps.base ?? USUAL_BASE
  const urls: BootUrls = bootUrls(base, host.id, NO_BOOTID)
  const { hostname, port, protocol } = new URL(base)
  const server = { address: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) }
  const load =
    decision.kind === 'install'
      ? await loadKernel(deps, { host, image: decision.image, urls, mac: undefined })
      : undefined
  return { host, decision, urls, server, bootid: NO_BOOTID, load }
}
