import { ProvisionError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type {
  BootScriptRequest,
  BootstrapData,
  ConflictData,
  PostInstallData,
  PostInstallRequest,
  RefusedData,
} from './boot-data.ts'
import { checkTemplates } from './check-templates.ts'
import { renderLegacyScript, renderLegacyShell } from './legacy-renderer.ts'
import type { LegacySubject } from './legacy-values.ts'
import {
  bootData,
  bootPlaces,
  type KindFile,
  kindFilePlaces,
  placesKey,
  postInstallPlaces,
  type TemplateRoots,
} from './lookup.ts'
import type { Syntax } from './syntax.ts'
import { TemplateError } from './template-error.ts'
import { type Found, TemplateFiles, type TemplatePlace, type TemplateSource } from './template-files.ts'
import { TextRenderer } from './text-renderer.ts'

/** Where templates are, and the clock by which they are looked at again. */
export interface TemplateSettings {
  /** The operator's own, which win; `undefined` without any. */
  readonly operator: string | undefined
  /** The package's `templates/`. */
  readonly builtin: string
  /** The images' directory: an image may bring its own scripts. */
  readonly images: string
  /** A host as templates may see it: without its secrets, which a script would show to whoever asks for it. */
  readonly hide: (host: Host) => Host
  /** Any clock in ms. */
  readonly now: () => number
}

/** A template that something was made of. */
export interface UsedTemplate {
  /** With its place in front, as messages have it: `images/esxi8/ks.cfg.eta`. */
  readonly name: string
  /** Whose it is: the image's own, the operator's, or the package's. */
  readonly from: 'image' | 'operator' | 'built-in'
}

const OWNERS: { readonly [label: string]: UsedTemplate['from'] } = { images: 'image', templates: 'operator' }

/** The scripts that machines and installers get. Every method throws {@link TemplateError} when a template is wrong. */
export class TemplateSet {
  readonly #roots: TemplateRoots
  readonly #files: TemplateFiles
  /** Put together once for all machines that are told the same. */
  readonly #bootPlaces = new Map<string, readonly TemplatePlace[]>()
  readonly #hide: TemplateSettings['hide']
  readonly #renderers: { readonly [S in FileSyntax]: TextRenderer }

  constructor(settings: TemplateSettings) {
    const operator = settings.operator === undefined ? [] : [{ directory: settings.operator, label: 'templates' }]
    const builtin = { directory: settings.builtin, label: 'built-in' }
    const shared = [...operator, builtin]
    this.#roots = { operator, builtin: [builtin], shared, images: [{ directory: settings.images, label: 'images' }] }
    this.#files = new TemplateFiles(settings.now)
    this.#hide = settings.hide
    const renderer = (syntax: FileSyntax) => new TextRenderer(syntax, this.#files, shared)
    this.#renderers = { ipxe: renderer('ipxe'), shell: renderer('shell'), xml: renderer('xml'), text: renderer('text') }
  }

  /** What a machine does next, as an iPXE script. */
  bootScript(asked: BootScriptRequest): string {
    const host = this.#hide(asked.host)
    const request = host === asked.host ? asked : { ...asked, host }
    const { source, place } = this.#bootTemplate(request)
    return place.isLegacy
      ? requireScript(source, renderLegacyScript(source, request))
      : this.#script(source, bootData(request))
  }

  /** The name of the template that {@link bootScript} would use. */
  bootTemplate(request: BootScriptRequest): string {
    return this.#bootTemplate(request).source.shown
  }

  /** What an installer runs when its image is on the disk, as a shell script. */
  postInstall(asked: PostInstallRequest): string {
    const request = { ...asked, host: this.#hide(asked.host) }
    const { source, place } = this.#first(postInstallPlaces(this.#roots, request.image), 'post_install')
    const subject: LegacySubject = request
    const data: PostInstallData = request
    return place.isLegacy ? renderLegacyShell(source, subject) : this.#renderers.shell.render(source, data)
  }

  /** A file of one boot that is no script for iPXE: a kickstart, a cloud-init seed. The image's own template wins. */
  kindFile({ image, kind }: KindFile, name: string, data: object): string {
    const { source } = this.#first(kindFilePlaces(this.#roots, { image, kind }, name), name)
    return this.#renderers[syntaxOf(name)].render(source, data)
  }

  /** The constant script that gathers a machine's identity and asks `/bootstrap`. */
  bootstrap({ base, syslog = '' }: BootstrapData): string {
    return this.#shared('boot/bootstrap', { base, syslog })
  }

  /** For a machine that fits more than one host. */
  conflict(data: ConflictData): string {
    return this.#shared('boot/conflict', { ...data, hosts: data.hosts.map(this.#hide) })
  }

  /** For a machine whose identity cannot be read. */
  refused(data: RefusedData): string {
    return this.#shared('boot/refused', data)
  }

  /** For a machine whose own template is wrong. Of the package alone, whatever operators wrote. */
  templateError(data: RefusedData): string {
    return this.#script(this.#find('boot/template-error', this.#roots.builtin), data)
  }

  /** Whether an operator's template alone makes a name bootable, without an image directory, as in KIWIspray. */
  hasTemplate(name: string): boolean {
    return ['eta', 'tmpl'].some((type) => this.#files.find(this.#roots.operator, `${name}.${type}`) !== undefined)
  }

  /** Renders something, and says which templates it was made of: the first is the one that was asked for, the others are its includes. */
  noting<T>(render: () => T): { readonly result: T; readonly used: readonly UsedTemplate[] } {
    const { result, found } = this.#files.noting(render)
    return { result, used: found.map(({ shown, root }) => ({ name: shown, from: OWNERS[root.label] ?? 'built-in' })) }
  }

  /** Compiles every template there is and tells what is wrong with them. */
  checkAll(): readonly TemplateError[] {
    return checkTemplates(this.#roots, this.#files, this.#renderers.ipxe)
  }

  #bootTemplate(request: BootScriptRequest): Found {
    const name = request.decision.kind === 'install' ? request.decision.image.name : request.decision.kind
    const key = placesKey(request)
    const places = this.#bootPlaces.get(key) ?? bootPlaces(this.#roots, request)
    this.#bootPlaces.set(key, places)
    return this.#first(places, name)
  }

  #first(places: readonly TemplatePlace[], what: string): Found {
    const found = this.#files.first(places)
    if (found !== undefined) return found
    const looked = places.map((place) => `${place.roots.map((root) => root.label).join('|')}/${place.name}`)
    throw new TemplateError({ file: what, line: 0, problem: `there is no script; looked for ${looked.join(', ')}` })
  }

  #shared(name: string, data: object): string {
    return this.#script(this.#find(name, this.#roots.shared), data)
  }

  #script(source: TemplateSource, data: object): string {
    return requireScript(source, this.#renderers.ipxe.render(source, data))
  }

  #find(name: string, roots: TemplateRoots['shared']): TemplateSource {
    const source = this.#files.find(roots, `${name}.eta`)
    if (source === undefined) throw new ProvisionError('unavailable', `template ${name}.eta is missing`)
    return source
  }
}

/** A BIOS build of iPXE runs whatever it does not recognise as a program, and hangs. */
function requireScript(source: TemplateSource, script: string): string {
  if (/^#!(?:ipxe|gpxe)\s/.test(script)) return script
  throw new TemplateError({ file: source.shown, line: 1, problem: 'the script does not begin with the line #!ipxe' })
}

/** Pages are for people, and have a renderer of their own. */
type FileSyntax = Exclude<Syntax, 'html'>

/** Opens the templates of a server. Nothing is read before it is needed; {@link TemplateSet.checkAll} tells early what is wrong. */
export function openTemplates(settings: TemplateSettings): TemplateSet {
  return new TemplateSet(settings)
}

/** Which values may stand in a file as they are, by what reads it. */
function syntaxOf(name: string): FileSyntax {
  if (name.endsWith('.sh')) return 'shell'
  return name.endsWith('.xml') ? 'xml' : 'text'
}
