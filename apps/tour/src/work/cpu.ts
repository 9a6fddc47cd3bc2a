/** Work for worker threads: plain functions, which need nothing of Fibra or Effect. */

/** Keeps a processor busy for a time. */
export const spin = (millis: number): void => {
  const end = performance.now() + millis
  while (performance.now() < end) {}
}

/** How many primes there are below a number. */
export const primesBelow = (limit: number): number => {
  let count = 0
  for (let n = 2; n < limit; n++) {
    let factor = 2
    while (factor * factor <= n && n % factor !== 0) factor++
    if (factor * factor > n) count++
  }
  return count
}

/** Never returns. */
export const spinForever = (): void => {
  for (;;) {}
}
