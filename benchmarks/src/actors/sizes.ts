/** How much is done before measuring, and how often: the same for all contenders of these workloads. */

/** From the first to the last of these, the cost of one operation must not grow. */
export const sizes = [1_000, 100_000] as const

/** A cluster Entity is too slow for more. */
export const entitySizes = [1_000] as const

/** Long enough for the compiler: later rounds are no faster. */
export const warmed = { warmUp: { size: 1_000, seconds: 0.4 }, operationsMin: 10_000 } as const

/** A heap that earlier rounds have grown would hide what is measured. */
export const fresh = { warmUp: { size: 100, seconds: 0 }, operationsMin: 1 } as const
