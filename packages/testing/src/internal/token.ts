/** A run in one word: a seed, or a seed and the choices that are left of its schedule. */
import type { Choice } from "./decisions.ts"

export interface Plan {
  readonly seed: number
  /** Undefined where the seed decides. */
  readonly choices: ReadonlyArray<Choice> | undefined
}

/**
 * `17`, or `17:p1.2.5,o1.3.1.2`: pause fiber 1.2 before its 5th operation, and let the 1st task of
 * fiber 1.3 pass 2 others.
 */
export const format = ({ choices, seed }: Plan): string =>
  choices === undefined ? `${seed}` : `${seed}:${choices.map(formatChoice).join(",")}`

const formatChoice = ({ at, fiber, kind, passes }: Choice): string =>
  kind === "pause" ? `p${fiber}.${at}` : `o${fiber}.${at}.${passes}`

/** Gives `undefined` for what is no token. */
export const parse = (token: number | string): Plan | undefined => {
  const match = /^(\d{1,10})(?::(.*))?$/.exec(`${token}`)
  const seed = Number(match?.[1])
  if (match === null || seed > 0xffffffff) return undefined
  const text = match[2]
  if (text === undefined) return { seed, choices: undefined }
  const choices = text === "" ? [] : text.split(",").map(parseChoice)
  return choices.includes(undefined)
    ? undefined
    : { seed, choices: choices.filter((choice) => choice !== undefined) }
}

const parseChoice = (text: string): Choice | undefined => {
  const match = /^(?:p(f?[\d.]+)\.(\d+)|o(f?[\d.]+)\.(\d+)\.(\d+))$/.exec(text)
  if (match === null) return undefined
  const [, pausedFiber, operation, author, task, passes] = match
  return pausedFiber === undefined
    ? { kind: "pass", fiber: author!, at: Number(task), passes: Number(passes) }
    : { kind: "pause", fiber: pausedFiber, at: Number(operation), passes: 0 }
}
