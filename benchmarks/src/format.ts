/** Numbers as people read them. */

export const digits = (value: number): string =>
  value.toLocaleString("en", { maximumSignificantDigits: 3 })
export const count = (value: number): string => value.toLocaleString("en")
export const times = (value: number): string => `${digits(value)} ×`
export const duration = (seconds: number): string =>
  seconds < 1e-3 ? `${digits(seconds * 1e6)} µs` : `${digits(seconds * 1e3)} ms`
export const seconds = (value: number): string => `${digits(value)} s`
export const bytes = (value: number): string => `${digits(value)} B`
export const mebibytes = (value: number): string => `${digits(value / 2 ** 20)} MiB`
export const gibibytes = (value: number): string => `${digits(value / 2 ** 30)} GiB`
