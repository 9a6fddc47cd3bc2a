/** A restart plan at work, on actors and supervisors that take their time to start and to stop. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ActorStopped } from "../ActorError.ts"
import type { Reason } from "../Down.ts"
import type { Cell, Parent, System } from "./cell.ts"
import * as Member from "./member.ts"
import { report } from "./reports.ts"
import * as RestartPlan from "./restartPlan.ts"
import { RestartIntensityExceeded, StartFailed } from "./supervisorErrors.ts"
import type { Started, Unit } from "./unit.ts"

export interface Settings {
  readonly strategy: RestartPlan.Strategy
  readonly intensity: number
  /** Milliseconds. */
  readonly period: number
  readonly countPer: "supervisor" | "child"
}

export type Child = RestartPlan.Child<Member.Member>

/** Who has made a supervision. */
export interface Owner {
  /** Whether nobody can restart it. */
  readonly isLast: boolean
  /** The supervision has given up, and all of its children are down. Not called while it is halted. */
  readonly gaveUp: (error: RestartIntensityExceeded) => void
}

export interface Supervision extends Unit {
  readonly parent: Parent
  readonly children: ReadonlyMap<string, Child>
  /** Whether children are started as soon as they are added. */
  readonly isOpen: boolean
  /**
   * Adds a child. What comes of its first start is told to `settled`: nothing where it was stopped
   * before.
   */
  readonly add: (
    name: string,
    unit: Unit,
    settings: Member.Settings,
    settled?: (exit: Started | undefined) => void
  ) => Child
  /** Stops a child for good, if it is not down for good already, and calls `gone` later. */
  readonly remove: (child: Child, gone: () => void) => void
  /** A child has ended by itself. */
  readonly exited: (name: string, reason: Reason) => void
}

interface State {
  readonly system: System
  readonly path: string
  readonly settings: Settings
  readonly owner: Owner
  readonly children: Map<string, Child>
  readonly plan: RestartPlan.RestartPlan<Member.Member>
  /** Of all children, where they are counted together. */
  restarts: Member.Restarts
  phase: "closed" | "open" | "closing"
  /** Whether it will not open again. */
  forGood: boolean
  /** Why it closes by itself: it gives up, or a child has not started. */
  failure: RestartIntensityExceeded | undefined
  rejection: StartFailed | undefined
  /** Waits for all children to be up. */
  opened: ((exit: Started) => void) | undefined
  /** Wait for all children to be down. */
  closed: Array<() => void>
}

export const make = (
  system: System,
  path: string,
  settings: Settings,
  owner: Owner
): Supervision => {
  const state: State = {
    system,
    path,
    settings,
    owner,
    children: new Map(),
    plan: RestartPlan.make(
      settings.strategy,
      actions(() => state)
    ),
    restarts: noRestarts(settings),
    phase: "closed",
    forGood: false,
    failure: undefined,
    rejection: undefined,
    opened: undefined,
    closed: []
  }
  const exited = (name: string, reason: Reason) => endedByItself(state, name, reason)
  return {
    path,
    children: state.children,
    parent: { path, childExited: (cell, reason) => exited(nameOf(cell), reason) },
    get isOpen() {
      return state.phase === "open"
    },
    exited,
    add: (name, unit, childSettings, settled) => {
      const member = Member.make(name, unit, childSettings)
      member.settled = settled
      const child = state.plan.add(member, childSettings.type)
      state.children.set(name, child)
      return child
    },
    remove: (child, gone) => {
      // Another child may have its name by now.
      if (state.children.get(child.value.name) !== child) return system.turns.schedule(gone)
      child.value.gone.push(gone)
      state.plan.remove(child)
    },
    start: (done) => {
      // Hazard: it may have been halted before it was started at all.
      if (state.forGood) done(Exit.interrupt())
      else open(state, done)
    },
    halt: (forGood, done) => {
      state.forGood ||= forGood
      if (state.phase === "closed") return done()
      state.closed.push(done)
      close(state)
    },
    terminate: () => removeAll(state, () => true)
  }
}

/** The name of a child that is an actor. */
export const nameOf = ({ id, settings }: Cell): string => settings.name ?? String(id)

const open = (state: State, done: (exit: Started) => void): void => {
  state.restarts = noRestarts(state.settings)
  for (const { value } of state.children.values()) value.restarts = undefined
  state.phase = "open"
  state.opened = done
  state.plan.startAll()
}

const close = (state: State): void => {
  state.phase = "closing"
  state.plan.stopAll()
}

const closeByItself = (state: State): void => {
  state.forGood ||= state.owner.isLast
  close(state)
}

/** What the plan asks for. */
const actions = (get: () => State): RestartPlan.Actions<Member.Member> => ({
  start: (child) => start(get(), child),
  stop: (child) => {
    const state = get()
    const isDue = nextTurn(child)
    child.value.unit.halt(state.forGood, () => {
      if (isDue()) ended(state, child, { _tag: "Stopped" })
    })
  },
  removed: ({ value }) => {
    const { children, system } = get()
    children.delete(value.name)
    value.unit.terminate(value.reason)
    settle(system, value, undefined)
    value.gone.forEach(system.turns.schedule)
  },
  crashed: (child) => {
    const state = get()
    const { value } = child
    if (!Member.mayRestart(value, restartsOf(state, value), now(state))) return giveUp(state, value)
    rest(state, child)
    return "restart"
  },
  forgo: ({ value }) => value.sleeper?.interruptUnsafe(),
  rejected: (child) => {
    const state = get()
    const why = startFailed(state.path, child.value.unit.path, Member.causeOf(child.value))
    settle(state.system, child.value, Exit.fail(why))
    // Nobody who waits for all to be up waits for one that was added meanwhile.
    if (state.opened === undefined || !child.value.isStatic) return state.plan.remove(child)
    state.rejection = why
    closeByItself(state)
  },
  complete: () => {
    const { opened, system } = get()
    get().opened = undefined
    if (opened !== undefined) system.turns.schedule(() => opened(Exit.void))
  },
  stopped: () => stopped(get())
})

const start = (state: State, child: Child): void => {
  const isDue = nextTurn(child)
  const { unit } = child.value
  unit.start((started) => {
    const due = isDue()
    if (Exit.isSuccess(started)) return due ? isUp(state, child) : undefined
    const { cause } = started
    // A first start has somebody who is told.
    if (due ? child.proven : !Cause.hasInterruptsOnly(cause)) {
      report(state.system.context, `${unit.path} failed to start`, cause)
    }
    if (due) ended(state, child, { _tag: "Crashed", cause })
  })
}

/**
 * Whether an answer to what the child is told now is still one when it comes. Hazard: the child may end
 * by itself before that, and be told the next thing.
 */
const nextTurn = ({ value }: Child): (() => boolean) => {
  const turn = ++value.turns
  return () => value.turns === turn
}

const isUp = (state: State, child: Child): void => {
  child.value.upSince = now(state)
  settle(state.system, child.value, Exit.void)
  state.plan.started(child)
}

const ended = ({ plan }: State, child: Child, reason: Reason): void => {
  child.value.turns++
  child.value.reason = reason
  plan.exited(child, reason._tag !== "Stopped")
}

const endedByItself = (state: State, name: string, reason: Reason): void => {
  const child = state.children.get(name)
  if (child === undefined) return
  // Hazard: it may end before the news of its start has come.
  if (child.status === "starting") isUp(state, child)
  ended(state, child, reason)
}

/** Lets a child wait for its backoff. */
const rest = (state: State, child: Child): void => {
  const { plan, system } = state
  const { backoff, stableAfter, unit, upSince } = child.value
  if (backoff === undefined) return system.turns.schedule(() => plan.ready(child))
  const afresh = upSince !== undefined && now(state) - upSince >= stableAfter
  child.value.upSince = undefined
  const wait = backoff.wait(Member.causeOf(child.value), afresh)
  const sleeper = Effect.runForkWith(system.context)(wait)
  child.value.sleeper = sleeper
  sleeper.addObserver((exit) => {
    if (Exit.isSuccess(exit) && exit.value) return plan.ready(child)
    if (Exit.hasInterrupts(exit)) return
    if (Exit.isFailure(exit)) report(system.context, `The backoff of ${unit.path} died`, exit.cause)
    if (giveUp(state, child.value) === "give up child") plan.remove(child)
  })
}

/** Gives up the child, or all of them. */
const giveUp = (state: State, member: Member.Member): "give up child" | "give up all" => {
  const { path, settings, system } = state
  const { countPer, intensity, period } = settings
  const why = new RestartIntensityExceeded({
    supervisor: path,
    child: member.unit.path,
    intensity,
    period,
    causes: [...restartsOf(state, member).causes]
  })
  report(system.context, why.message)
  if (countPer === "child") {
    member.reason = { _tag: "Crashed", cause: Cause.fail(why) }
    return "give up child"
  }
  state.failure = why
  closeByItself(state)
  return "give up all"
}

/** All children are down. */
const stopped = (state: State): void => {
  const { closed, failure, forGood, opened, owner, path, rejection, system } = state
  state.phase = "closed"
  state.opened = state.failure = state.rejection = undefined
  state.closed = []
  removeAll(state, ({ isStatic }) => forGood || !isStatic)
  const why =
    failure === undefined ? rejection : startFailed(path, failure.child, Cause.fail(failure))
  if (opened !== undefined) {
    const error = why ?? new ActorStopped({ actor: path, reason: "stopped" })
    system.turns.schedule(() => opened(Exit.fail(error)))
  } else if (failure !== undefined && (owner.isLast || closed.length === 0)) {
    owner.gaveUp(failure)
  }
  closed.forEach(system.turns.schedule)
}

const removeAll = ({ children, plan }: State, which: (member: Member.Member) => boolean): void => {
  for (const child of children.values()) {
    if (which(child.value)) plan.remove(child)
  }
}

const settle = (system: System, member: Member.Member, exit: Started | undefined): void => {
  const { settled } = member
  member.settled = undefined
  if (settled !== undefined) system.turns.schedule(() => settled(exit))
}

const noRestarts = ({ intensity, period }: Settings) => Member.makeRestarts(intensity, period)

const restartsOf = ({ restarts, settings }: State, member: Member.Member): Member.Restarts =>
  settings.countPer === "supervisor" ? restarts : (member.restarts ??= noRestarts(settings))

/** Milliseconds of the monotonic clock. */
const now = ({ system }: State): number =>
  Number(Context.get(system.context, Clock.Clock).monotonicTimeNanosUnsafe()) / 1_000_000

/** The failure of an inner supervisor to start is that of the child which it is due to. */
const startFailed = (
  supervisor: string,
  child: string,
  cause: Cause.Cause<unknown>
): StartFailed => {
  const [only, ...others] = cause.reasons
  const error = only?._tag === "Fail" && others.length === 0 ? only.error : undefined
  return error instanceof StartFailed ? error : new StartFailed({ supervisor, child, cause })
}
