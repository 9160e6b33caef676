import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DoctorDeps } from './deps.ts'
import { type Finding, ok, warn } from './finding.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** So long before its end somebody is to be told. */
const SOON_DAYS = 14

/** Whether the certificate of the admin door holds now, by this machine's clock. */
export async function checkCertificate({
  adminCert: file,
  now,
}: Pick<DoctorDeps, 'adminCert' | 'now'>): Promise<readonly Finding[]> {
  if (file === undefined) return []
  const id = 'certificate'
  const why = 'browsers and tools refuse the admin door with a certificate that does not hold'
  const mend = 'renew it, and have the server read it again: systemctl reload metalspray'
  try {
    const certificate = new X509Certificate(readFileSync(file))
    const from = Date.parse(certificate.validFrom)
    const days = Math.floor((Date.parse(certificate.validTo) - now()) / DAY_MS)
    if (now() < from) {
      const what = `the certificate ${file} holds from ${certificate.validFrom} on: it is of the future, or the clock is wrong`
      return [warn(id, what, { why, mend: 'timedatectl' })]
    }
    if (days < 0) return [warn(id, `the certificate ${file} ended on ${certificate.validTo}`, { why, mend })]
    if (days < SOON_DAYS) return [warn(id, `the certificate ${file} ends on ${certificate.validTo}`, { why, mend })]
    return [ok(id, `the certificate ${file} holds until ${certificate.validTo}`, why)]
  } catch (error) {
    const what = `the certificate ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`
    return [warn(id, what, { why, mend: `openssl x509 -in ${file} -noout -dates` })]
  }
}
