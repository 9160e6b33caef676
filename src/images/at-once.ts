/**
 * Does something with every item, in their order, with several of them at the same time.
 * @param onFailure hears of the first failure, so that it can stop the others: they are waited for before that failure is thrown
 */
export async function eachAtOnce<T>(
  items: Iterable<T>,
  count: number,
  doing: (item: T) => Promise<unknown>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failure: { readonly error: unknown } | undefined
  const some = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && failure === undefined; next = rest.next()) {
      try {
        await doing(next.value)
      } catch (error) {
        if (failure === undefined) onFailure(error)
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: count }, some))
  if (failure !== undefined) throw failure.error
}
