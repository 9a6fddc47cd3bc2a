/** How numbers are written for people. */
import type { Traps } from "@fibra/crawl"

export const size = (bytes: number): string => {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  return bytes < 1024 ** 2
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

/** `robots 40, other host 2`, most first. */
export const counted = (by: Readonly<Record<string, number>>): string =>
  Object.entries(by)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ")

/** A place that a crawl was kept out of. */
export const trapLine = ({ host, refused, rule, what }: Traps.Report): string => {
  const place = what.startsWith("=") ? `the parameter ${what.slice(1)}` : what
  return `${refused} ${refused === 1 ? "URL" : "URLs"} of ${host} left alone: ${rule}, ${place}`
}

/** The same in parentheses, after what it is about; nothing when there are none. */
export const breakdown = (by: Readonly<Record<string, number>>): string => {
  const text = counted(by)
  return text === "" ? "" : ` (${text})`
}
