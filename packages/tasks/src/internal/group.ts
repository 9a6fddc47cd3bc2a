/** The state of one task group: who runs in it, what became of them, and why it ends. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Causes from "./causes.ts"
import { commit, giveUp } from "./commit.ts"
import * as Crew from "./crew.ts"
import * as Slots from "./slots.ts"
import { CurrentTaskName, join } from "./taskName.ts"

/**
 * Why a group takes no more tasks.
 *
 * @since 0.1.0
 */
export type EndedBy = "finished" | "failure" | "cancel" | "interrupt"

/**
 * A task was to be spawned in a group that takes no more.
 *
 * @since 0.1.0
 */
export class GroupClosed extends Data.TaggedError("GroupClosed")<{
  readonly group: string
  readonly endedBy: EndedBy
}> {
  override get message(): string {
    return `The task group ${this.group} takes no more tasks: it ended by ${this.endedBy}`
  }
}

/**
 * The name of the task that a failure comes from, as an annotation of its reason in a cause.
 *
 * @since 0.1.0
 */
export class FailedTask extends Context.Service<FailedTask, string>()(
  "@fibra/tasks/TaskGroup/FailedTask"
) {}

/** The body of a group, or one of the tasks spawned in it. */
interface Member {
  /** The number of the task, from 1; 0 is the body. */
  readonly index: number
  readonly name: string | undefined
  /** Its full name, where it or its group was given one. */
  readonly path: string | undefined
  readonly slot: Slots.Slot | undefined
}

/** A member that failed. */
export interface Failed<E> {
  readonly member: Member
  readonly cause: Cause.Cause<E>
  /** The failures and defects in the cause, without its interrupts; never empty. */
  readonly errors: ReadonlyArray<Cause.Reason<E>>
}

export interface Group<E> {
  readonly crew: Crew.Crew<unknown, E, Member>
  /** Set once the group takes no more tasks. */
  readonly closed: GroupClosed | undefined
  readonly body: Exit.Exit<unknown, E> | undefined
  /** Whether the body failed or died, or ended the group by interrupting itself. */
  readonly bodyFailed: boolean
  /** The interrupts by which the body itself ended the group. */
  readonly bodyInterrupts: ReadonlyArray<Cause.Reason<never>>
  /** The failures and defects of the body and the tasks, in the order in which these ended. */
  readonly failures: ReadonlyArray<Failed<E>>
  readonly running: number
  readonly succeeded: number
  readonly interrupted: number
  /** The fibers of the tasks that run and have suspended at least once. */
  tasks(): ReadonlyArray<Fiber.Fiber<unknown, unknown>>
  /** Calls `f` whenever the last task has ended; returns what stops that. */
  onIdle(f: () => void): () => void
  startBody<R>(body: Effect.Effect<unknown, E, R>): void
  spawn<A, E1 extends E, R>(
    effect: Effect.Effect<A, E1, R>,
    name: string | undefined
  ): Effect.Effect<Fiber.Fiber<A, E1>, GroupClosed, R>
  /** Takes no more tasks and, unless finished, interrupts all. False the second time. */
  close(endedBy: EndedBy): boolean
}

export const make = <E>(
  owner: Fiber.Fiber<unknown, unknown>,
  options: {
    readonly name: string | undefined
    readonly limit: number
    readonly endsOnFailure: boolean
  }
): Group<E> => {
  // Invariants, whenever no function below is on the stack:
  //   1. `spawned` = `running` + `succeeded` + `interrupted` + the failures of tasks.
  //   2. Nothing is started once `closed` is set, and it is set once.
  //   3. With the body ended and nothing running, the group is closed.
  const name = options.name ?? "group"
  const outerPath = owner.getRef(CurrentTaskName)
  const groupPath = options.name === undefined ? undefined : join(outerPath, name)
  const failures: Array<Failed<E>> = []
  let closed: GroupClosed | undefined
  let body: Exit.Exit<unknown, E> | undefined
  let bodyFailed = false
  let bodyInterrupts: ReadonlyArray<Cause.Reason<never>> = []
  let bodyFiber: Fiber.Fiber<unknown, unknown> | undefined
  let spawned = 0
  let running = 0
  let succeeded = 0
  let interrupted = 0
  const idle = new Set<() => void>()

  const crew = Crew.make<unknown, E, Member>(owner, {
    kind: "TaskGroup.run",
    name: options.name,
    uninterruptible: false,
    onExit: (exit, member) => {
      const errors = exit._tag === "Failure" ? record(exit.cause, member) : 0
      if (member.index === 0) {
        body = exit
        if (exit._tag === "Failure") {
          bodyFailed = errors > 0
          if (close("failure")) {
            bodyFailed = true
            bodyInterrupts = exit.cause.reasons.filter(Cause.isInterruptReason)
          }
        }
      } else {
        running--
        if (exit._tag === "Success") succeeded++
        else if (errors === 0) interrupted++
        else if (options.endsOnFailure) close("failure")
        if (member.slot !== undefined) slots!.leave(member.slot)
      }
      if (running > 0) return
      if (body !== undefined) close("finished")
      idle.forEach((f) => f())
    }
  })
  const tasks = () => [...crew.live].filter((fiber) => fiber !== bodyFiber)
  const slots =
    options.limit === Infinity ? undefined : Slots.make<GroupClosed>(name, options.limit, tasks)

  /** Keeps what failed, and returns how many failures and defects that is. */
  const record = (unnamed: Cause.Cause<E>, member: Member): number => {
    const cause = member.path === undefined ? unnamed : annotated(unnamed, member.path)
    // A refused spawn says no more than that this group has ended.
    const errors = Causes.errorsIn(cause).filter(
      (reason) => reason._tag !== "Fail" || (reason.error as unknown) !== closed
    )
    if (errors.length > 0) failures.push({ member, cause, errors })
    return errors.length
  }

  const close = (endedBy: EndedBy): boolean => {
    if (closed !== undefined) return false
    closed = new GroupClosed({ group: name, endedBy })
    if (endedBy !== "finished") crew.interruptAll()
    slots?.close(closed)
    return true
  }

  const launch = <A, E1 extends E, R>(
    spawner: Fiber.Fiber<unknown, unknown>,
    effect: Effect.Effect<A, E1, R>,
    taskName: string | undefined,
    slot: Slots.Slot | undefined
  ) => {
    running++
    const index = ++spawned
    let context = spawner.context as Context.Context<R>
    let path = groupPath
    if (taskName !== undefined) {
      path = join(groupPath ?? outerPath, taskName)
      context = named(context, path)
    }
    if (slot !== undefined) context = slots!.enter(context, slot)
    const member = { index, name: taskName, path, slot }
    return crew.start(Effect.runForkWith(context), effect, member) as Fiber.Fiber<A, E1>
  }

  return {
    crew,
    get closed() {
      return closed
    },
    get body() {
      return body
    },
    get bodyFailed() {
      return bodyFailed
    },
    get bodyInterrupts() {
      return bodyInterrupts
    },
    failures,
    get running() {
      return running
    },
    get succeeded() {
      return succeeded
    },
    get interrupted() {
      return interrupted
    },
    tasks,
    onIdle: (f) => {
      idle.add(f)
      return () => idle.delete(f)
    },
    startBody: (body) => {
      const outer = owner.context as Context.Context<never>
      const context = groupPath === undefined ? outer : named(outer, groupPath)
      const member = { index: 0, name: "body", path: groupPath, slot: undefined }
      const fork = Effect.runForkWith(context)
      bodyFiber = crew.start(fork, crew.interruptible(body as Effect.Effect<unknown, E>), member)
    },
    spawn: (effect, taskName) =>
      Effect.withFiber((spawner) =>
        slots === undefined
          ? commit(
              () =>
                closed === undefined ? launch(spawner, effect, taskName, undefined) : giveUp(),
              () => Effect.fail(closed!)
            )
          : slots.take(spawner, (slot) => launch(spawner, effect, taskName, slot))
      ),
    close
  }
}

/**
 * What failed, in order. A body that joins a failed task fails with the very error of that task: that
 * is one failure and not two.
 */
export const errors = <E>(failures: ReadonlyArray<Failed<E>>): Array<Cause.Reason<E>> => {
  const ofTasks = new Set<unknown>()
  for (const { errors, member } of failures) {
    if (member.index > 0) errors.forEach((reason) => ofTasks.add(reason).add(identity(reason)))
  }
  const isJoined = (reason: Cause.Reason<E>) => ofTasks.has(reason) || ofTasks.has(identity(reason))
  return failures.flatMap(({ errors, member }) =>
    member.index > 0 ? errors : errors.filter((reason) => !isJoined(reason))
  )
}

/** The object that a reason carries; for other values, which are equal by chance, the reason. */
const identity = (reason: Cause.Reason<unknown>): unknown => {
  const payload = Causes.payload(reason)
  return typeof payload === "object" && payload !== null ? payload : reason
}

const annotated = <E>(cause: Cause.Cause<E>, path: string): Cause.Cause<E> =>
  Cause.annotate(cause, Context.make(FailedTask, path) as Context.Context<never>)

const named = <R>(context: Context.Context<R>, path: string) =>
  Context.add(context, CurrentTaskName, path) as Context.Context<R>
