/** The command line of `main.ts`. */
import { parseArgs } from "node:util"
import { suites } from "./suites.ts"
import type { Suite } from "./workload.ts"

export interface Command {
  readonly name: string
  /** The suite, with those of its workloads that are to be run. */
  readonly suite: Suite
  readonly runs: number
  readonly quick: boolean
  readonly jsonPath: string | undefined
}

/** The command line was wrong; the message is one line and says what to do. */
export class CommandError extends Error {
  override readonly name = "CommandError"
}

export const suiteNames: string = Object.keys(suites).join(", ")

export const parseCommand = (args: ReadonlyArray<string>): Command => {
  const { positionals, values } = parse(args)
  const name = positionals.join(" ")
  const suite = Object.hasOwn(suites, name) ? suites[name] : undefined
  if (suite === undefined) throw new CommandError(`there is no suite "${name}": give ${suiteNames}`)
  const runs = Number(values.runs ?? (values.quick ? 1 : 5))
  if (!Number.isSafeInteger(runs) || runs < 1) {
    throw new CommandError(`--runs is "${values.runs}": give an integer from 1`)
  }
  return {
    name,
    suite: { ...suite, workloads: only(suite, values.only) },
    runs,
    quick: values.quick,
    jsonPath: values.json
  }
}

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "string" },
        only: { type: "string" },
        quick: { type: "boolean", default: false },
        runs: { type: "string" }
      }
    })
  } catch (error) {
    throw new CommandError((error as Error).message.split("\n")[0])
  }
}

const only = ({ workloads }: Suite, part: string | undefined): Suite["workloads"] => {
  const chosen = workloads.filter(({ isOptional = false, name }) =>
    part === undefined ? !isOptional : name.includes(part)
  )
  if (chosen.length > 0) return chosen
  const names = workloads.map(({ name }) => `"${name}"`).join(", ")
  throw new CommandError(`no workload is named like "${part}": give a part of ${names}`)
}
