/** A value that is there, or on its way. */
export type Soon<T> = T | Promise<T>

/**
 * Goes on with a value, at once when it is there: a promise for each step of what thousands of machines ask in a second costs more than the
 * step. What `next` throws is thrown, or rejects what is returned.
 */
export function soon<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** Does something, and something else with the error when it fails, now or later. */
export function rescued<T>(work: () => Soon<T>, rescue: (error: unknown) => Soon<T>): Soon<T> {
  try {
    const value = work()
    return value instanceof Promise ? value.catch(rescue) : value
  } catch (error) {
    return rescue(error)
  }
}

/** A promise whose value is there at once for whoever asks after it came. */
export class Arriving<T> {
  #value: Soon<T>

  constructor(promise: Promise<T>) {
    this.#value = promise
    promise.then(
      (value) => {
        this.#value = value
      },
      () => {}, // whoever waits for it is told
    )
  }

  get value(): Soon<T> {
    return this.#value
  }
}
