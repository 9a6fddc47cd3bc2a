/** The page that is fetched: 6 kB of a shop, which gzip makes a sixth of. */

export const page: Uint8Array = Buffer.from(
  `<!doctype html><title>Shop</title>${Array.from(
    { length: 60 },
    (_, i) =>
      `<li><a href="/item/${i * 7919}">Item ${i}</a> <b>${((i * 7907) % 10_000) / 100} €</b>`
  )
    .join("\n")
    .padEnd(5_900, ".")}`
).subarray(0, 5_900)
