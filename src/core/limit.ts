/** How near something is to the most that whoever reads it takes. */
export interface Limit {
  /** What is counted: `modules of boot.cfg`. */
  readonly what: string
  readonly value: number
  readonly most: number
  /** What it is counted in: `bytes`. Empty where that is said already. */
  readonly unit: string
}
