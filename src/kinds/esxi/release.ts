import type { JsonObject } from '../../core/json.ts'
import { isJsonObject } from '../../core/json.ts'
import type { Tree } from '../../images/tree.ts'
import type { BootCfg } from './boot-cfg/boot-cfg.ts'

/** Which ESXi an image is, as far as it tells. */
export interface Release {
  /** `8.0.3`; `6.7` where only that is told. */
  readonly version?: string
  /** VMware's word for it, `U3d`. */
  readonly update?: string
  /** Its number, which names a release for sure: `24280767`. */
  readonly build?: string
  /** Who added drivers and tools to it; VMware's own images have none. */
  readonly vendor?: string
}

/** Words in the names of images by which their makers are known. */
const VENDORS: readonly (readonly [vendor: string, words: RegExp])[] = [
  ['Dell', /(?<![a-z])(?:dell|DEL-)/i],
  ['HPE', /(?<![a-z])hpe(?![a-z])|hewlett/i],
  ['Lenovo', /lenovo|(?<![a-z])LN?VO?[-_.]/i],
  ['Cisco', /cisco/i],
  ['Fujitsu', /fujitsu|(?<![a-z])FJT/i],
  ['Hitachi', /hitachi/i],
  ['NEC', /(?<![A-Za-z])NEC[-_.]/],
  ['Supermicro', /supermicro/i],
]

/** Finds out which release an image is. The first source that tells a thing is believed, in the order of {@link sources}. */
export async function detectRelease(tree: Tree, settings: JsonObject, cfgs: readonly BootCfg[]): Promise<Release> {
  let found: Release = {}
  for (const source of sources(tree, settings, cfgs)) {
    found = { ...(await source()), ...found }
    // Only VMware's own images tell no vendor, and looking further for one costs little.
    if (found.version !== undefined && found.build !== undefined && found.vendor !== undefined) break
  }
  return found
}

/** `VMware ESXi 8.0.3 build 24280767 (Dell)`. */
export function releaseLabel({ version, update, build, vendor }: Release): string {
  // The third number is the update.
  const isTold = update === undefined || version?.split('.').length === 3
  const words = [
    'VMware ESXi',
    version,
    isTold ? undefined : update,
    build === undefined ? undefined : `build ${build}`,
  ]
  const name = words.filter((word) => word !== undefined).join(' ')
  return vendor === undefined ? name : `${name} (${vendor})`
}

type Source = () => Release | Promise<Release>

function sources(tree: Tree, settings: JsonObject, cfgs: readonly BootCfg[]): readonly Source[] {
  const { name, label } = importedFrom(settings)
  return [
    () => Object.assign({}, ...cfgs.map(buildLine).reverse()),
    async () => licenceLine(await readIfSmall(tree, 'vmware-esx-base-osl.txt')),
    async () => profileName(await readIfSmall(tree, 'upgrade/metadata.xml')),
    async () => profileName(await readIfSmall(tree, 'upgrade/profile.xml')),
    () => mediumName(name),
    () => mediumName(label),
    () => shape(tree, cfgs),
  ]
}

/** What the import noted of the medium. */
function importedFrom(settings: JsonObject): { readonly name: string; readonly label: string } {
  const source = settings['source']
  const text = (key: string) => {
    const value = source !== undefined && isJsonObject(source) ? source[key] : undefined
    return typeof value === 'string' ? value : ''
  }
  return { name: text('name'), label: text('label') }
}

/** `build=7.0.3-0.55.20328353`, `build=9.1.1-0.25714478`; empty before 7.0. */
export function buildLine(cfg: BootCfg): Release {
  const line = cfg.others.findLast((other) => other.toLowerCase().startsWith('build=')) ?? ''
  const [, version, build] = /^build= ?(\d+\.\d+\.\d+)[-.][\d.]*?\.?(\d{7,9})$/i.exec(line) ?? []
  return version === undefined || build === undefined ? {} : { version, build }
}

/** The first line of the open source licences: `ESXi 7.0U3d GA`. */
export function licenceLine(text: string): Release {
  const [, version, update] = /^(?:VMware )?ESXi? ?v?(\d+\.\d+)(?:\.\d+)? ?(U\d+\w?)?/i.exec(text) ?? []
  return version === undefined ? {} : { version, ...updateOf(update) }
}

/** The name of the image profile: `ESXi-8.0U2-22380479-standard`, `DEL-ESXi-702_17630552-A00`; names may stand anywhere in the XML. */
export function profileName(xml: string): Release {
  const [, version, update, build] = /ESXi-(\d+\.\d+(?:\.\d+)?)(U\d+\w?)?-(\d{7,9})-/i.exec(xml) ?? []
  const names = [...xml.matchAll(/<(?:name|creator|vendor)>([^<]{1,200})</gi)].map(([, name]) => name ?? '')
  const known = version === undefined || build === undefined ? {} : { version, ...updateOf(update), build }
  return { ...known, ...vendorOf(names.join('\n')) }
}

/**
 * The file name of an ISO, or its volume label: `VMware-VMvisor-Installer-7.0U3g-20328353.x86_64-DellEMC_Customized-A00.iso`,
 * `VMware-ESXi-6.7.0-Update3-14320388-HPE-Gen9plus-670.U3.10.4.5.19-Nov2019.iso`.
 */
export function mediumName(name: string): Release {
  const [, version, long, short, build] =
    /(?:Installer|ESXI)[-_](\d+\.\d+(?:\.\d+)*?)(?:[a-z]|[-_.]update[-_]?0*(\d+)[a-z]?|(U\d+[a-z]?))?[-_.](\d{7,9})(?!\d)/i.exec(
      name,
    ) ?? []
  const update = short ?? (long === undefined ? undefined : `U${long}`)
  const known = version === undefined || build === undefined ? {} : { version, ...updateOf(update), build }
  return { ...known, ...vendorOf(name) }
}

/** By the modules that came and went: good for a first number at least. */
export function shape(tree: Pick<Tree, 'files'>, cfgs: readonly BootCfg[]): Release {
  const has = (file: string) => tree.files.includes(file)
  if (cfgs.some(({ kernel }) => kernel?.toLowerCase().endsWith('tboot.b00'))) return { version: '6.5 or older' }
  if (has('chardevs.b00')) return { version: '6.7' }
  if (tree.files.some((file) => /^nsx_\w+\.v\d\d$/.test(file))) return { version: '9' }
  if (has('esxiodpt.tgz')) return { version: '8' }
  if (has('loadesx.v00') && has('vdfs.v00')) return { version: '7.0' }
  return {}
}

function vendorOf(names: string): Release {
  const vendor = VENDORS.find(([, words]) => words.test(names))?.[0]
  return vendor === undefined ? {} : { vendor }
}

function updateOf(update: string | undefined): Release {
  return update === undefined ? {} : { update: update.replace(/^u/, 'U') }
}

/** Empty for a file that is not there, or no text, or too large to be worth it. */
async function readIfSmall(tree: Tree, file: string): Promise<string> {
  if (!tree.files.includes(file)) return ''
  try {
    return await tree.readText(file)
  } catch {
    return ''
  }
}
