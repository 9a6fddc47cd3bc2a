/** How numbers are written for people. */

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

/** The same in parentheses, after what it is about; nothing when there are none. */
export const breakdown = (by: Readonly<Record<string, number>>): string => {
  const text = counted(by)
  return text === "" ? "" : ` (${text})`
}
