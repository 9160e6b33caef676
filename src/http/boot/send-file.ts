import { fstatSync, ReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import { fileError } from '../../images/file-errors.ts'
import { type LocatedFile, stampOf } from '../../images/locate.ts'
import { readRange } from './byte-range.ts'
import { sendLine, textErrors } from './text-errors.ts'

/** Bytes read at a time. With Node's small default a single client gets a third of this. */
const CHUNK = 1 << 20

/**
 * Sends a file with its exact length, ranges and a strong ETag, never compressed. What is sent is decided here, and
 * `@fastify/static` only sends it: it knows weak tags alone, and a range of another version joined to what a client has would
 * be an image that nobody made.
 */
export function sendFile(request: FastifyRequest, reply: FastifyReply, file: LocatedFile): FastifyReply {
  const etag = `"${file.stamp}"`
  const headers = request.raw.headers
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = headers
  if (ifMatch !== undefined) {
    if (!names(ifMatch, etag)) return sendLine(reply, 412, 'the file is another one by now')
    // The library would compare these with its own tag, or the date although the tag has decided.
    delete headers['if-match']
    delete headers['if-unmodified-since']
  }
  reply.header('etag', etag)
  if (ifNoneMatch !== undefined && names(ifNoneMatch.replaceAll('W/"', '"'), etag)) return reply.code(304).send()
  // A date is no proof of the same version: it names a second, and an older file may have taken the place of a newer one.
  const range = ifRange === undefined || ifRange === etag ? readRange(headers.range, file.size) : undefined
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`)
    return sendLine(reply, 416, `the file has ${file.size} bytes`)
  }
  delete headers['if-range']
  if (range === undefined) delete headers.range
  else headers.range = `bytes=${range.start}-${range.end}`
  reply.raw.once('pipe', (source: Readable) => guard(source, reply, file))
  return reply.sendFile(basename(file.path), dirname(file.path), {
    etag: false,
    cacheControl: false,
    contentType: false,
    dotfiles: 'allow',
    ...{ highWaterMark: CHUNK },
  })
}

/**
 * Sees to it that the bytes are those of the file that was promised. Its length is on its way before its bytes are: a client whose
 * connection stays open after too few would take the next answer for the rest.
 */
function guard(source: Readable, reply: FastifyReply, file: LocatedFile): void {
  if (!(source instanceof ReadStream)) return
  source.once('open', (fd) => {
    if (stampOf(fstatSync(fd, { bigint: true })) === file.stamp) return
    source.destroy(new ProvisionError('unavailable', 'the file was changed just now; ask again'))
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
