/** Builds the supervisions and the cells that a description asks for, and what others hold of them. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type { ActorRef } from "../ActorRef.ts"
import type { Behavior } from "../Behavior.ts"
import type { System } from "./cell.ts"
import type {
  ActorSpec,
  Child,
  Children,
  ChildStatus,
  Failure,
  Handle,
  Options,
  Ref,
  Refs,
  Restart,
  Services,
  SupervisorSpec
} from "./childSpec.ts"
import { CurrentFrame } from "./frames.ts"
import * as Intensity from "./intensity.ts"
import { refOf } from "./localRef.ts"
import type * as Member from "./member.ts"
import type { Frame } from "./requests.ts"
import * as Spawning from "./spawning.ts"
import * as Supervision from "./supervision.ts"
import { NameTaken, type StartFailed, SupervisorStopped } from "./supervisorErrors.ts"
import * as Unit from "./unit.ts"

/**
 * Defect: a name that a child cannot have. Names form paths, and stand in order in a record.
 *
 * @since 0.1.0
 */
export class InvalidChildName extends Data.TaggedError("InvalidChildName")<{
  readonly supervisor: string
  readonly child: string
}> {
  override get message(): string {
    return `${this.supervisor} cannot have a child "${this.child}": take a name that is not empty, not a number, and has no "/"`
  }
}

/** A supervisor that has been built. */
export interface Tree {
  readonly supervision: Supervision.Supervision
  readonly system: System
  readonly options: Options
}

/** What others hold of children, by their names. */
interface AnyRefs {
  readonly [name: string]: ActorRef<Rpc.Any> | Handle<unknown>
}

/** A supervisor without children. Throws what is wrong with its options. */
export const make = (
  system: System,
  path: string,
  options: Options,
  owner: Supervision.Owner
): Tree => {
  const { countPer = "supervisor", intensity = 3, strategy = "one_for_one" } = options
  const period = periodOf(options)
  if (!Intensity.isValid(intensity, period)) {
    throw new Intensity.InvalidIntensity({ intensity, period })
  }
  const settings = { strategy, intensity, period, countPer }
  return { supervision: Supervision.make(system, path, settings, owner), system, options }
}

/** A child that was added. */
export interface Added {
  readonly child: Supervision.Child
  readonly ref: ActorRef<Rpc.Any> | Handle<unknown>
}

/**
 * Adds a child. Throws what is wrong with its name or its options. `asker` is the handling that waits
 * for its first start.
 */
const add = (
  tree: Tree,
  services: Context.Context<never>,
  asker: Frame | undefined,
  name: string | undefined,
  child: Child,
  isStatic: boolean,
  settled?: (exit: Exit.Exit<void, unknown> | undefined) => void
): Added => {
  const { supervision, system } = tree
  const { path } = supervision
  if (name !== undefined && !/^(?!\d+$)[^/]+$/.test(name)) {
    throw new InvalidChildName({ supervisor: path, child: name })
  }
  if (isSupervisor(child)) {
    const childName = name ?? String(++system.lastId)
    const inner = make(system, `${path}/${childName}`, child.options, {
      isLast: false,
      gaveUp: (error) =>
        supervision.exited(childName, { _tag: "Crashed", cause: Cause.fail(error) })
    })
    const ref = handle<unknown>(inner, addAll(inner, services, asker, child.children))
    const settings = memberSettings(tree, child.options, isStatic)
    return { child: supervision.add(childName, inner.supervision, settings, settled), ref }
  }
  const { behavior, options } = isActor(child) ? child : { behavior: child, options: {} }
  const { shutdown, ...others } = options
  const cell = Spawning.makeCell(
    system,
    supervision.parent,
    behavior as Behavior<Rpc.Any>,
    services,
    Spawning.settings({ ...others, name, shutdown: shutdown === "kill" ? undefined : shutdown })
  )
  const grace = shutdown === "kill" ? shutdown : cell.settings.shutdown
  const settings = memberSettings(tree, options, isStatic)
  const cellName = Supervision.nameOf(cell)
  const unit = Unit.ofCell(cell, grace, asker)
  return { child: supervision.add(cellName, unit, settings, settled), ref: refOf(cell) }
}

/** Adds children that are there whenever their supervisor is. */
export const addAll = (
  tree: Tree,
  services: Context.Context<never>,
  asker: Frame | undefined,
  children: Children
): AnyRefs =>
  Object.fromEntries(
    Object.entries(children).map(([name, child]) => [
      name,
      add(tree, services, asker, name, child, true).ref
    ])
  )

const memberSettings = (tree: Tree, options: Restart, isStatic: boolean): Member.Settings => ({
  type: options.type ?? "permanent",
  backoff: options.backoff ?? tree.options.backoff,
  stableAfter:
    options.stableAfter === undefined
      ? periodOf(tree.options)
      : Duration.toMillis(Duration.fromInputUnsafe(options.stableAfter)),
  isStatic
})

const periodOf = ({ period = "5 seconds" }: Options): number =>
  Duration.toMillis(Duration.fromInputUnsafe(period))

const isSupervisor = (child: Child): child is SupervisorSpec<Children> => "children" in child

const isActor = (child: Child): child is ActorSpec<Rpc.Any, unknown, never> => "behavior" in child

/** What others hold of a supervisor, given what they hold of its children. */
export const handle = <C>(tree: Tree, refs: Refs<C>): Handle<C> => {
  const { supervision } = tree
  return {
    path: supervision.path,
    refs,
    startChild: (child, name) => startChild(tree, child, name),
    stopChild: (name) => stopChild(tree, name),
    children: Effect.sync(() => Array.from(supervision.children.values(), statusOf))
  }
}

const startChild = <const D extends Child>(tree: Tree, child: D, name: string | undefined) =>
  Effect.withFiber<Ref<D>, StartFailed<Failure<D>> | NameTaken | SupervisorStopped, Services<D>>(
    (fiber) =>
      Effect.callback((resume) => {
        const { supervision } = tree
        const { path } = supervision
        if (!supervision.isOpen) {
          return resume(Effect.fail(new SupervisorStopped({ supervisor: path })))
        }
        if (name !== undefined && supervision.children.has(name)) {
          return resume(Effect.fail(new NameTaken({ supervisor: path, child: name })))
        }
        const context = fiber.context as Context.Context<never>
        const added = add(tree, context, fiber.getRef(CurrentFrame), name, child, false, (exit) => {
          if (exit === undefined) resume(Effect.fail(new SupervisorStopped({ supervisor: path })))
          else if (Exit.isSuccess(exit)) resume(Effect.succeed(added.ref as Ref<D>))
          else resume(exit as Exit.Exit<never, StartFailed<Failure<D>>>)
        })
        return remove(tree, added.child)
      })
  )

const stopChild = (tree: Tree, name: string): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const child = tree.supervision.children.get(name)
    return child === undefined ? Effect.succeed(false) : Effect.as(remove(tree, child), true)
  })

const remove = ({ supervision }: Tree, child: Supervision.Child): Effect.Effect<void> =>
  Effect.callback((resume) => supervision.remove(child, () => resume(Effect.void)))

const statusOf = ({ status, type, value }: Supervision.Child): ChildStatus => ({
  name: value.name,
  type,
  status: statuses[status]
})

const statuses = {
  down: "restarting",
  waiting: "restarting",
  starting: "starting",
  up: "running",
  halting: "stopping"
} as const
