/** The work of the workers: slow on purpose, and with a result that can be checked. */

/** Counts the primes below `limit` by trial division. */
export const countPrimes = (limit: number): number => {
  let found = 0
  for (let candidate = 2; candidate < limit; candidate++) {
    let divisor = 2
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++
    if (divisor * divisor > candidate) found++
  }
  return found
}
