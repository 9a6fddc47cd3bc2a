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
  ) => void
  /** Stops a child for good, and calls `gone` later. False if there is none of this name. */
  readonly remove: (name: string, gone: () => void) => boolean
  /** A child has ended by itself. */
  readonly exited: (name: string, reason: Reason) => void
}

/** Who has made a supervision. */
export interface Owner {
  /** Whether nobody can restart it. */
  readonly isLast: boolean
  /** The supervision has given up, and all of its children are down. Not called while it is halted. */
  readonly gaveUp: (error: RestartIntensityExceeded) => void
}

export const make = (
  system: System,
  path: string,
  settings: Settings,
  owner: Owner
): Supervision => {
  const children = new Map<string, Child>()
  const { schedule } = system.turns
  const clock = Context.get(system.context, Clock.Clock)
  const noRestarts = () => Member.makeRestarts(settings.intensity, settings.period)
  let shared = noRestarts()
  let state: "closed" | "open" | "closing" = "closed"
  /** Whether it will not open again. */
  let forGood = false
  /** Why it closes by itself: it gives up, or a child has not started. */
  let failure: RestartIntensityExceeded | undefined
  let rejection: StartFailed | undefined
  /** Waits for all children to be up. */
  let opened: ((exit: Started) => void) | undefined
  /** Wait for all children to be down. */
  let closed: Array<() => void> = []

  const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
  const stopped = () => Exit.fail(new ActorStopped({ actor: path, reason: "stopped" }))

  const settle = (member: Member.Member, exit?: Started) => {
    const { settled } = member
    member.settled = undefined
    if (settled !== undefined) schedule(() => settled(exit))
  }

  const restartsOf = (member: Member.Member) =>
    settings.countPer === "supervisor" ? shared : (member.restarts ??= noRestarts())

  const exited = (child: Child, reason: Reason) => {
    child.value.turns++
    child.value.reason = reason
    plan.exited(child, reason._tag !== "Stopped")
  }

  const up = (child: Child) => {
    child.value.upSince = now()
    settle(child.value, Exit.void)
    plan.started(child)
  }

  /** A child that has started has ended by itself. */
  const fell = (name: string, reason: Reason) => {
    const child = children.get(name)
    if (child === undefined) return
    // Hazard: it may do so before the news of its start has come.
    if (child.status === "starting") up(child)
    exited(child, reason)
  }

  const close = () => {
    state = "closing"
    plan.stopAll()
  }

  const closeBySelf = () => {
    forGood ||= owner.isLast
    close()
  }

  /** Gives up the child, or all of them. */
  const giveUp = (member: Member.Member): "give up child" | "give up all" => {
    const { causes } = restartsOf(member)
    const { intensity, period } = settings
    const child = member.unit.path
    const why = new RestartIntensityExceeded({ supervisor: path, child, intensity, period, causes })
    report(system.context, why.message)
    if (settings.countPer === "child") {
      member.reason = { _tag: "Crashed", cause: Cause.fail(why) }
      return "give up child"
    }
    failure = why
    closeBySelf()
    return "give up all"
  }

  const rest = (child: Child) => {
    const { backoff, stableAfter, upSince } = child.value
    if (backoff === undefined) return schedule(() => plan.ready(child))
    const afresh = upSince !== undefined && now() - upSince >= stableAfter
    child.value.upSince = undefined
    const wait = backoff.wait(Member.causeOf(child.value), afresh)
    const sleeper = Effect.runForkWith(system.context)(wait)
    child.value.sleeper = sleeper
    sleeper.addObserver((exit) => {
      if (Exit.isSuccess(exit) && exit.value) return plan.ready(child)
      if (Exit.hasInterrupts(exit)) return
      if (Exit.isFailure(exit))
        report(system.context, `The backoff of ${child.value.unit.path} died`, exit.cause)
      if (giveUp(child.value) === "give up child") plan.remove(child)
    })
  }

  const reportStart = ({ unit }: Member.Member, cause: Cause.Cause<unknown>) =>
    report(system.context, `${unit.path} failed to start`, cause)

  /**
   * Whether an answer to what the child is told now is still one when it comes. Hazard: the child may
   * end by itself before that, and be told the next thing.
   */
  const nextOrder = ({ value }: Child): (() => boolean) => {
    const number = ++value.turns
    return () => value.turns === number
  }

  const plan = RestartPlan.make<Member.Member>(settings.strategy, {
    start: (child) => {
      const isDue = nextOrder(child)
      child.value.unit.start((started) => {
        const due = isDue()
        if (Exit.isSuccess(started)) return due ? up(child) : undefined
        const { cause } = started
        // A first start has somebody who is told.
        if (due ? child.proven : !Cause.hasInterruptsOnly(cause)) reportStart(child.value, cause)
        if (due) exited(child, { _tag: "Crashed", cause })
      })
    },
    stop: (child) => {
      const isDue = nextOrder(child)
      child.value.unit.halt(forGood, () => {
        if (isDue()) exited(child, { _tag: "Stopped" })
      })
    },
    removed: ({ value }) => {
      children.delete(value.name)
      value.unit.terminate(value.reason)
      settle(value)
      value.gone.forEach(schedule)
    },
    crashed: (child) => {
      if (!Member.mayRestart(child.value, restartsOf(child.value), now()))
        return giveUp(child.value)
      rest(child)
      return "restart"
    },
    forgo: ({ value }) => value.sleeper?.interruptUnsafe(),
    rejected: (child) => {
      const why = startFailed(path, child.value.unit.path, Member.causeOf(child.value))
      settle(child.value, Exit.fail(why))
      if (opened === undefined) return plan.remove(child)
      rejection = why
      closeBySelf()
    },
    complete: () => {
      const resume = opened
      opened = undefined
      if (resume !== undefined) schedule(() => resume(Exit.void))
    },
    stopped: () => {
      state = "closed"
      removeAll(({ isStatic }) => forGood || !isStatic)
      const [starting, waiting, gaveUp] = [opened, closed, failure]
      const why =
        gaveUp === undefined ? rejection : startFailed(path, gaveUp.child, Cause.fail(gaveUp))
      opened = failure = rejection = undefined
      closed = []
      if (starting !== undefined) {
        schedule(() => starting(why === undefined ? stopped() : Exit.fail(why)))
      } else if (gaveUp !== undefined && (owner.isLast || waiting.length === 0)) {
        owner.gaveUp(gaveUp)
      }
      waiting.forEach(schedule)
    }
  })

  const removeAll = (which: (member: Member.Member) => boolean) => {
    for (const child of children.values()) {
      if (which(child.value)) plan.remove(child)
    }
  }

  return {
    path,
    children,
    parent: {
      path,
      childExited: (cell, reason) => fell(nameOf(cell), reason)
    },
    get isOpen() {
      return state === "open"
    },
    add: (name, unit, settings, settled) => {
      const member = Member.make(name, unit, settings)
      member.settled = settled
      children.set(name, plan.add(member, settings.type))
    },
    remove: (name, gone) => {
      const child = children.get(name)
      if (child === undefined) return false
      child.value.gone.push(gone)
      plan.remove(child)
      return true
    },
    exited: fell,
    start: (done) => {
      shared = noRestarts()
      for (const { value } of children.values()) value.restarts = undefined
      state = "open"
      opened = done
      plan.startAll()
    },
    halt: (last, done) => {
      forGood ||= last
      if (state === "closed") return done()
      closed.push(done)
      close()
    },
    terminate: () => removeAll(() => true)
  }
}

/** The name of a child that is an actor. */
export const nameOf = ({ id, settings }: Cell): string => settings.name ?? String(id)

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
