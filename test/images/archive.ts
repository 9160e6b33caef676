import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type Header, pack } from 'tar-stream'

/** A member of an archive: its content, or a header for what is no plain file. */
export type Member = string | Uint8Array | Partial<Header>

/** Packs members in the order in which they are given; several of one name are possible with a list. */
export async function tarOf(members: readonly (readonly [string, Member])[]): Promise<Buffer> {
  const archive = pack()
  for (const [name, member] of members) {
    if (typeof member === 'string') archive.entry({ name }, member)
    else if (member instanceof Uint8Array) archive.entry({ name }, Buffer.from(member))
    else archive.entry({ name, size: 0, ...member })
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

export async function writeTar(path: string, members: readonly (readonly [string, Member])[]): Promise<string> {
  await writeFile(path, await tarOf(members))
  return path
}

const run = promisify(execFile)

/** Runs a program that the tests need; one that is missing fails the test by its name. */
export async function program(name: string, args: readonly string[]): Promise<string> {
  return (await run(name, args)).stdout
}
