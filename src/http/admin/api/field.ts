import { ProvisionError } from '../../../core/errors.ts'
import { FieldError } from '../problem.ts'

/** Reads a field of a request; what is wrong with it is told by its name. @throws {FieldError} */
export async function field<T>(name: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new FieldError([{ field: name, detail: error.message }])
  }
}
