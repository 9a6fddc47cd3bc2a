/** A run in one word: a seed, or a seed and the choices that are left of its schedule. */
import type { Choice } from "./decisions.ts"

export interface Plan {
  readonly seed: number
  /** Undefined where the seed decides. */
  readonly choices: ReadonlyArray<Choice> | undefined
}

/** `17`, or `17:p2.5,o3.1.2`: pause fiber 2 before its 5th operation, let task 1 of fiber 3 pass 2. */
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
  const match = /^(?:p(\d+)\.(\d+)|o(\d+)\.(\d+)\.(\d+))$/.exec(text)
  if (match === null) return undefined
  const [, pausedFiber, operation, author, task, passes] = match
  return pausedFiber === undefined
    ? { kind: "pass", fiber: Number(author), at: Number(task), passes: Number(passes) }
    : { kind: "pause", fiber: Number(pausedFiber), at: Number(operation), passes: 0 }
}
