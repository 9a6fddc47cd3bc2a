/** Random trees of tasks that fail, die, are interrupted and break in their cleanup. */
import { type Cause, Data, Effect, Exit } from "effect"
import type { Dice } from "./dice.ts"
import { turns } from "./turns.ts"

/** The failure with this number. */
export class Boom extends Data.TaggedError("Boom")<{ readonly id: number }> {}

/** A task without children: some turns or milliseconds, then its end, then its cleanup. */
export interface Leaf {
  readonly kind: "leaf"
  readonly id: number
  readonly turns: number
  readonly isTimed: boolean
  readonly end: "succeed" | "fail" | "die" | "interrupt" | "park"
  readonly cleanup: "none" | "fail" | "die"
}

export type NodeKind =
  | "gather"
  | "settle"
  | "group"
  | "supervise"
  | "cancel"
  | "deadline"
  | "race"
  | "collect"
  | "stream"
  | "shield"
  | "handled"

/** A task that runs its children in one of the ways of the package. */
interface Node {
  readonly kind: NodeKind
  readonly children: ReadonlyArray<Tree>
  /** A time in milliseconds, or a limit of concurrency. */
  readonly size: number
}

export type Tree = Leaf | Node

/** What was raised, and what was found of it. */
export interface Ledger {
  readonly raised: Set<number>
  readonly found: Set<number>
  /** Typed failures that were found as defects. */
  readonly demoted: Set<number>
}

export const makeLedger = (): Ledger => ({
  raised: new Set(),
  found: new Set(),
  demoted: new Set()
})

/** What was raised and is nowhere. */
export const lost = ({ found, raised }: Ledger): ReadonlyArray<number> =>
  [...raised].filter((id) => !found.has(id))

/** Enters the failures of a cause. */
export const find = (ledger: Ledger, cause: Cause.Cause<unknown>): void => {
  for (const reason of cause.reasons) {
    const error = reason._tag === "Fail" ? reason.error : reason._tag === "Die" && reason.defect
    if (!(error instanceof Boom)) continue
    ledger.found.add(error.id)
    // Even numbers are failures, odd ones defects.
    if (reason._tag === "Die" && error.id % 2 === 0) ledger.demoted.add(error.id)
  }
}

export const findIn = (ledger: Ledger, exit: Exit.Exit<unknown, unknown>): void => {
  if (exit._tag === "Failure") find(ledger, exit.cause)
}

/** A tree of at most `depth` levels above its leaves, made of these kinds of nodes. */
export const generate = (
  { below }: Pick<Dice, "below">,
  kinds: ReadonlyArray<NodeKind>,
  depth: number
): Tree => {
  let id = 0
  const pick = <A>(from: ReadonlyArray<A>) => from[below(from.length)]!
  const leaf = (): Leaf => ({
    kind: "leaf",
    id: 4 * id++,
    turns: below(6),
    isTimed: below(3) === 0,
    end: pick(["succeed", "succeed", "fail", "die", "interrupt", "park", "park"]),
    cleanup: pick(["none", "none", "fail", "die"])
  })
  const tree = (depth: number): Tree =>
    depth === 0 || below(4) === 0
      ? leaf()
      : {
          kind: pick(kinds),
          children: Array.from({ length: 1 + below(4) }, () => tree(depth - 1)),
          size: 1 + below(8)
        }
  return tree(depth)
}

/** The effect of a leaf. What it raises is entered in the step in which it is raised. */
export const leafEffect = (ledger: Ledger, leaf: Leaf): Effect.Effect<string, Boom> => {
  const raise = (id: number, how: "fail" | "die") => {
    const boom = new Boom({ id: how === "fail" ? id : id + 1 })
    return Effect.onExitPrimitive(how === "fail" ? Effect.fail(boom) : Effect.die(boom), (exit) => {
      // An interrupt can come first, and then it was not raised.
      if (!Exit.hasInterrupts(exit) || Exit.hasFails(exit) || Exit.hasDies(exit)) {
        ledger.raised.add(boom.id)
      }
      return undefined
    })
  }
  const ends = {
    succeed: Effect.succeed("value"),
    fail: raise(leaf.id, "fail"),
    die: raise(leaf.id, "die"),
    interrupt: Effect.interrupt,
    park: Effect.never
  }
  const stay = leaf.isTimed ? Effect.sleep(leaf.turns) : turns(leaf.turns)
  const body = Effect.andThen(stay, ends[leaf.end])
  if (leaf.cleanup === "none") return body
  const cleanup = Effect.andThen(Effect.yieldNow, raise(leaf.id + 2, leaf.cleanup))
  // Effect turns a typed failure into a defect when the same task dies too.
  const isMixed = ends[leaf.end] !== ends[leaf.cleanup] && /fail|die/.test(leaf.end)
  return isMixed ? body : Effect.onExit(body, () => cleanup)
}

/** Handles every failure, where no interrupt can skip the handler. */
export const handle = (ledger: Ledger, self: Run): Run =>
  Effect.uninterruptibleMask((restore) =>
    Effect.catchCause(restore(self), (cause) => Effect.sync(() => find(ledger, cause)))
  )

export type Run = Effect.Effect<unknown, unknown>
