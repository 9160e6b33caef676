/** The addresses that one boot of one host is told: built once, so that no template puts an URL together by hand. */
export interface BootUrls {
  /** The server, as the host reached it: `http://10.77.0.1:5000`. */
  readonly base: string
  /** The boot's own space: `<base>/b/<bootid>`. */
  readonly boot: string
  readonly finish: string
  readonly fail: string
  readonly report: string
  /** The image's files, fetched through the boot's own space so that the server knows who fetched them. */
  readonly tree: string
  /** The post-install script, in KIWIspray's form, which KIWI's installer knows as `razorurl=`. */
  readonly postInstall: string
}

/** @param base scheme, address and port, without a slash at its end */
export function bootUrls(base: string, hostId: number, bootid: string): BootUrls {
  const boot = `${base}/b/${bootid}`
  return {
    base,
    boot,
    finish: `${boot}/finish`,
    fail: `${boot}/fail`,
    report: `${boot}/report`,
    tree: `${boot}/tree`,
    postInstall: `${base}/post-install?id=${hostId}&bootid=${bootid}`,
  }
}

/** One file of the boot's image. */
export function treeUrl(urls: BootUrls, file: string): string {
  return `${urls.tree}/${file.split('/').map(encodeURIComponent).join('/')}`
}

/** What an installer tells of itself on the way: `started`, `configured`. The end of an install is `finish` or `fail`. */
export function stageUrl(urls: BootUrls, stage: string): string {
  return `${urls.boot}/stage/${stage}`
}
