import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { ProvisionError } from './core/errors.ts'

/** Where a door's certificate and its key are, as absolute paths. */
export interface TlsFiles {
  /** PEM: the door's own certificate first, then those that lead to its authority. */
  readonly cert: string
  readonly key: string
}

/** A certificate with its key, as they go to Node. */
export interface TlsPair {
  readonly cert: string
  readonly key: string
  /** What a person should know of it now; `undefined` when all is well. */
  readonly warning: string | undefined
}

/**
 * Reads a certificate and its key.
 * @throws {ProvisionError} invalid, saying which file is wrong and in which way
 */
export async function readTls(files: TlsFiles, now: number): Promise<TlsPair> {
  const [cert, key] = await Promise.all([readPem(files.cert), readPem(files.key)])
  const certificate = parse(files.cert, 'certificate', () => new X509Certificate(cert))
  const privateKey = parse(files.key, 'private key', () => readKey(key))
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ProvisionError('invalid', `${files.key} is not the key of the certificate in ${files.cert}`)
  }
  // What TLS itself has against them: too small a key, a chain that is cut.
  parse(files.cert, 'certificate for TLS', () => createSecureContext({ cert, key }))
  return { cert, key, warning: warningOf(files.cert, certificate, now) }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const why = { ENOENT: 'is not there', EACCES: 'may not be read by this user', EISDIR: 'is a folder' }[code]
    throw new ProvisionError('invalid', `${file} ${why ?? `cannot be read (${code})`}`, { cause: error })
  }
}

/** A key with a password would have OpenSSL ask at the terminal, where nobody sits. */
function readKey(pem: string): KeyObject {
  if (!/^(?:-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(pem)) return createPrivateKey(pem)
  throw new Error('it has a password; take it away: openssl pkey -in KEY -out KEY.plain')
}

function parse<T>(file: string, what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ProvisionError('invalid', `${file} holds no ${what} in PEM: ${why}`, { cause: error })
  }
}

/** A certificate that has expired is used all the same: a door that does not open helps nobody. */
function warningOf(file: string, { validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (now >= Date.parse(validTo)) return `the certificate in ${file} expired on ${validTo}; browsers will refuse it`
  if (now < Date.parse(validFrom)) return `the certificate in ${file} is valid only from ${validFrom} on`
  const days = Math.floor((Date.parse(validTo) - now) / 86_400_000)
  return days < 14 ? `the certificate in ${file} expires in ${days} days` : undefined
}
