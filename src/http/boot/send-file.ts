import { fstatSync, ReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DiskFile } from '../../images/disk-file.ts'
import type { FileCache, Loan } from '../../images/file-cache.ts'
import { fileError } from '../../images/file-errors.ts'
import { type LocatedFile, stampOf } from '../../images/locate.ts'
import { changed } from '../../images/opened-file.ts'
import { type ByteRange, readRange } from './byte-range.ts'
import { pour, type Span } from './pour.ts'
import { sendLine, textErrors } from './text-errors.ts'

/** Bytes given to the system at a time, out of memory. */
const PIECE = 1 << 20
/** From so many bytes on a file is read by ourselves, in half the CPU time and a third of the memory of a stream. */
const LARGE = 128 << 10

/** By what files are sent. */
export interface Sending {
  readonly cache: FileCache | undefined
  /** Where nginx, in front of this server, has the images folder for itself: `/internal/`. */
  readonly accelRedirect: string | undefined
}

/**
 * Sends a file with its exact length, ranges and a strong ETag, never compressed: out of memory when many want it, from the disk
 * otherwise. What is sent is decided here.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: LocatedFile,
  { cache, accelRedirect }: Sending,
): Promise<FastifyReply> {
  const nginxHas = isByNginx(request) ? accelRedirect : undefined
  const etag = nginxHas === undefined ? `"${file.stamp}"` : tagOfNginx(file)
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = request.headers
  if (ifMatch !== undefined && !names(ifMatch, etag)) return sendLine(reply, 412, 'the file is another one by now')
  reply.header('etag', etag)
  if (ifNoneMatch !== undefined && names(ifNoneMatch.replaceAll('W/"', '"'), etag)) return reply.code(304).send()
  // A date is no proof of the same version: it names a second, and an older file may have taken the place of a newer one.
  const range = ifRange === undefined || ifRange === etag ? readRange(request.headers.range, file.size) : undefined
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`)
    return sendLine(reply, 416, `the file has ${file.size} bytes`)
  }
  const part = { range, span: spanOf(file, range) }
  if (nginxHas !== undefined) return sendByNginx(reply, file, { range, path: nginxHas + file.within })
  if (isForLibrary(request)) return sendByLibrary(request, reply, file, range)
  return sendPart(request, reply, file, { ...part, loan: cache?.borrow(file, range?.start) })
}

async function sendPart(
  request: FastifyRequest,
  reply: FastifyReply,
  file: LocatedFile,
  { loan, ...part }: Part & { readonly loan: Loan | undefined },
): Promise<FastifyReply> {
  if (loan !== undefined) return sendFromMemory(reply, file, { ...part, loan })
  if (part.span.end - part.span.start >= LARGE) return sendFromDisk(reply, file, part)
  return sendByLibrary(request, reply, file, part.range)
}

function spanOf({ size }: LocatedFile, range: ByteRange | undefined): Span {
  return range === undefined ? { start: 0, end: size } : { start: range.start, end: range.end + 1 }
}

/** nginx makes an answer of its own: the range is told only to whoever counts here what a machine gets. */
function sendByNginx(
  reply: FastifyReply,
  { size }: LocatedFile,
  { range, path }: Pick<Part, 'range'> & { readonly path: string },
): FastifyReply {
  describeRange(reply, size, range)
  return reply.header('x-accel-redirect', path.split('/').map(encodeURIComponent).join('/')).send()
}

/** As nginx makes it, which decides about ranges and conditions once more, by the file that it opens. */
function tagOfNginx({ mtimeNs, size }: LocatedFile): string {
  return `"${(mtimeNs / 1_000_000_000n).toString(16)}-${size.toString(16)}"`
}

/**
 * Whether nginx says of itself that it sends what it is pointed to, by the header that Rack has for it. Somebody who got here without
 * nginx must not be given an empty answer: a loader would take it for an empty file.
 */
function isByNginx({ headers }: FastifyRequest): boolean {
  return headers['x-sendfile-type'] === 'X-Accel-Redirect'
}

/** It knows all about dates. */
function isForLibrary({ method, headers }: FastifyRequest): boolean {
  return method !== 'GET' || headers['if-modified-since'] !== undefined || headers['if-unmodified-since'] !== undefined
}

/** A file, or which part of it. */
interface Part {
  readonly range: ByteRange | undefined
  readonly span: Span
}

async function sendFromMemory(
  reply: FastifyReply,
  file: LocatedFile,
  { loan, ...part }: Part & { readonly loan: Loan },
): Promise<FastifyReply> {
  using lent = loan
  describe(reply, file, part)
  await pour(reply, part.span, (start, end) => lent.file.piece(start, end, PIECE))
  return reply
}

async function sendFromDisk(reply: FastifyReply, file: LocatedFile, part: Part): Promise<FastifyReply> {
  await using disk = await DiskFile.open(file)
  describe(reply, file, part)
  if (!(await pour(reply, part.span, (start, end) => disk.piece(start, end)))) disk.spoil()
  return reply
}

function describe(reply: FastifyReply, { size, mtimeNs }: LocatedFile, { range, span }: Part): void {
  reply.header('accept-ranges', 'bytes')
  reply.header('last-modified', new Date(Number(mtimeNs / 1_000_000n)).toUTCString())
  reply.header('content-length', span.end - span.start)
  describeRange(reply, size, range)
}

function describeRange(reply: FastifyReply, size: number, range: ByteRange | undefined): void {
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`)
}

/** Sends what is small, and answers HEAD, by `@fastify/static`. Tags and ranges were decided. */
function sendByLibrary(
  request: FastifyRequest,
  reply: FastifyReply,
  file: LocatedFile,
  range: ByteRange | undefined,
): FastifyReply {
  const { headers } = request.raw
  // It knows weak tags alone, and would compare these with its own, or the date although the tag has decided.
  if (headers['if-match'] !== undefined) delete headers['if-unmodified-since']
  delete headers['if-match']
  delete headers['if-range']
  if (range === undefined) delete headers.range
  else headers.range = `bytes=${range.start}-${range.end}`
  reply.raw.once('pipe', (source: Readable) => guard(source, reply, file))
  return reply.sendFile(basename(file.path), dirname(file.path), {
    etag: false,
    cacheControl: false,
    contentType: false,
    dotfiles: 'allow',
    ...{ highWaterMark: LARGE },
  })
}

/**
 * Sees to it that the bytes are those of the file that was promised. Its length is on its way before its bytes are: a client whose
 * connection stays open after too few would take the next answer for the rest.
 */
function guard(source: Readable, reply: FastifyReply, file: LocatedFile): void {
  if (!(source instanceof ReadStream)) return
  source.once('open', (fd) => {
    if (stampOf(fstatSync(fd, { bigint: true })) !== file.stamp) source.destroy(changed())
  })
  // Before the listener by which the stream ends the answer, as if all were well.
  source.prependListener('end', () => {
    if (source.bytesRead !== Number(reply.getHeader('content-length'))) reply.raw.destroy()
  })
}

/** What the file system says while a file is sent, when there is still time to say it. Nothing of the file's headers stays. */
export function fileErrors(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-range', 'content-length']) {
    reply.removeHeader(name)
    if (!reply.raw.headersSent) reply.raw.removeHeader(name)
  }
  return textErrors(fileError(error, 'the file') as Error, request, reply)
}

function names(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag)
}
