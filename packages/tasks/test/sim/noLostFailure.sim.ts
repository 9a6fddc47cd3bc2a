/**
 * Law 1, no lost failure: whatever a random tree of tasks raises, at whatever points it is interrupted
 * and in whatever order its steps run, is in the result, in a report or in the log.
 */
import { assert, describe } from "vitest"
import { Effect, Fiber, Logger, Pull, Stream } from "effect"
import { Deadline, Semaphore, Task, TaskGroup } from "@fibra/tasks"
import { Simulation } from "@fibra/testing"
import { it } from "@fibra/testing/Vitest"
import { dice } from "../support/dice.ts"
import {
  find,
  findIn,
  generate,
  handle,
  leafEffect,
  type Ledger,
  lost,
  makeLedger,
  type NodeKind,
  type Run,
  type Tree
} from "../support/trees.ts"
import { turns } from "../support/turns.ts"

/** How a kind of node runs its children; `size` is a limit or a time. */
type Nodes = Record<NodeKind, (children: ReadonlyArray<Run>, size: number, ledger: Ledger) => Run>

type Group = TaskGroup.TaskGroup<unknown, string>

const spawnAll = (group: Group, children: ReadonlyArray<Run>) =>
  Effect.forEach(children, (child) => group.spawn(child), { discard: true })

const fibra: Nodes = {
  gather: (children, concurrency) => Task.gather(children, { concurrency }),
  settle: (children, _, ledger) =>
    Effect.map(Task.gather(children, { mode: "settle" }), (exits) =>
      exits.forEach((exit) => findIn(ledger, exit))
    ),
  // The first child is the body, and runs once more, spawned by a task.
  group: ([first, ...others], concurrency) =>
    TaskGroup.run(
      (group: Group) =>
        Effect.andThen(spawnAll(group, [...others, Effect.asVoid(group.spawn(first!))]), first!),
      { concurrency }
    ),
  supervise: (children, _, ledger) =>
    Effect.map(
      TaskGroup.run((group: Group) => spawnAll(group, children), { policy: "supervise" }),
      ({ failed }) => failed.forEach(({ cause }) => find(ledger, cause))
    ),
  cancel: (children, size) =>
    TaskGroup.run((group: Group) =>
      Effect.andThen(
        spawnAll(group, children),
        Effect.andThen(Effect.sleep(size), group.cancel("enough"))
      )
    ),
  deadline: ([first], size) => Deadline.within(size, "deadline")(first!),
  race: (children) => Task.race(children),
  collect: (children, within, ledger) =>
    Effect.map(Task.collect(children, { within }), ({ failed }) =>
      failed.forEach(({ cause }) => find(ledger, cause))
    ),
  stream: (children, concurrency) => drain(Task.asCompleted(children, { concurrency })),
  shield: (children, size) =>
    Effect.scoped(
      Effect.flatMap(
        Effect.forEach(children, (child) => Task.shield(child)),
        ([first]) => Deadline.within(size, "waiter")(first!)
      )
    ),
  handled: (children, _, ledger) => handle(ledger, Task.gather(children))
}

/**
 * Pulls to the end. `Stream.runDrain` would pass a failure on in a step before which it can still be
 * interrupted, and then Effect forgets the failure.
 */
const drain = (stream: Stream.Stream<unknown, unknown>): Run =>
  Effect.scoped(
    Effect.flatMap(Stream.toPull(stream), (pull) =>
      Effect.uninterruptibleMask((restore) => {
        const next: Run = Effect.catchCause(
          Effect.andThen(restore(pull), () => next),
          (cause) => (Pull.isDoneCause(cause) ? Effect.void : Effect.failCause(cause))
        )
        return next
      })
    )
  )

/** The control: the same trees with what Effect itself has for each node. */
const all = (children: ReadonlyArray<Run>) => Effect.all(children, { concurrency: "unbounded" })
const settled = (children: ReadonlyArray<Run>, ledger: Ledger) =>
  Effect.map(all(children.map(Effect.exit)), (exits) =>
    exits.forEach((exit) => findIn(ledger, exit as Exit))
  )
const raw: Nodes = {
  gather: (children, concurrency) => Effect.all(children, { concurrency }),
  settle: (children, _, ledger) => settled(children, ledger),
  group: all,
  supervise: (children, _, ledger) => settled(children, ledger),
  cancel: (children, size) => Effect.timeoutOption(all(children), size),
  deadline: ([first], size) => Effect.timeout(first!, size),
  race: (children) => Effect.raceAllFirst(children),
  collect: (children, size, ledger) => Effect.timeoutOption(settled(children, ledger), size),
  stream: (children, concurrency) =>
    Stream.fromIterable(children).pipe(
      Stream.mapEffect((child) => child, { concurrency, unordered: true }),
      Stream.runDrain
    ),
  shield: (children, size) =>
    Effect.scoped(
      Effect.flatMap(
        Effect.forEach(children, (child) => Effect.forkScoped(child)),
        ([first]) => Effect.timeoutOption(Fiber.join(first!), size)
      )
    ),
  handled: (children, _, ledger) => handle(ledger, all(children))
}

type Exit = Parameters<typeof findIn>[1]

const kinds = Object.keys(fibra) as ReadonlyArray<NodeKind>

/** A random tree, and what is known of it. */
const plant = (nodes: Nodes, kinds: ReadonlyArray<NodeKind>, depth: number) =>
  Effect.gen(function* () {
    const random = yield* dice
    const ledger = makeLedger()
    const logger = Logger.make(({ cause }) => find(ledger, cause))
    const semaphore = yield* Semaphore.make(3)
    const toEffect = (tree: Tree): Run => {
      if (tree.kind !== "leaf")
        return nodes[tree.kind](tree.children.map(toEffect), tree.size, ledger)
      const leaf = leafEffect(ledger, tree)
      return tree.turns % 2 === 0 ? leaf : semaphore.withPermit(leaf)
    }
    const tree = generate(random, kinds, depth)
    const run = Effect.provideService(toEffect(tree), Logger.CurrentLoggers, new Set([logger]))
    return { ...random, ledger, run, semaphore, tree }
  })

/** Runs a random tree, interrupts it at some moment, and gives what became of it. */
const trial = (nodes: Nodes, kinds: ReadonlyArray<NodeKind>) =>
  Effect.gen(function* () {
    const { below, ledger, pick, run, semaphore, tree } = yield* plant(nodes, kinds, 3)
    const fiber = yield* Effect.forkDetach(run)
    // Time passes when nobody can go on.
    const patience = pick([turns(below(60)), Effect.sleep(below(8))])
    yield* below(2) === 0 ? patience : Effect.sleep("1 minute")
    fiber.interruptUnsafe()
    findIn(ledger, yield* Fiber.await(fiber))
    // What is logged about the end of a fiber is logged after it.
    yield* Effect.sleep(1)
    const { free } = yield* semaphore.snapshot
    assert.strictEqual(free, 3)
    return { ledger, tree }
  })

const finds = (kinds: ReadonlyArray<NodeKind>) =>
  Effect.map(trial(fibra, kinds), ({ ledger, tree }) =>
    assert.deepStrictEqual(lost(ledger), [], JSON.stringify(tree))
  )

/** A number of each run, summed up over seeds. */
const total =
  (seeds: number, nodes: Nodes, kinds: ReadonlyArray<NodeKind>) =>
  (count: (ledger: Ledger) => number) =>
    Effect.gen(function* () {
      let sum = 0
      for (let seed = 1; seed <= seeds; seed++) {
        const { exit } = yield* Simulation.run(trial(nodes, kinds), { seed })
        sum += count((yield* exit).ledger)
      }
      return sum
    })

describe("no lost failure", () => {
  it.sim(
    "TSK34: of random trees every failure is found, and nothing is left behind",
    () => finds(kinds),
    { seeds: 500 }
  )

  it.sim.each(kinds)("TSK34: nor is anything of trees of %s alone", (kind) => () => finds([kind]), {
    seeds: 50
  })

  it.sim.everyCancel.each(kinds)(
    "TSK34: nor when a small tree of %s is interrupted at any moment",
    (kind) => () =>
      Effect.map(plant(fibra, [kind], 1), ({ ledger, run, semaphore }) => ({
        program: Effect.timeoutOption(handle(ledger, run), "1 minute"),
        observe: Effect.andThen(
          Effect.sleep(1),
          Effect.map(semaphore.snapshot, ({ free }) => [free, ...lost(ledger)])
        )
      })),
    { seeds: 2 }
  )

  it.sim(
    "TSK35: where a failure can be typed it stays typed",
    () =>
      Effect.map(
        trial(fibra, ["gather", "group", "cancel", "deadline", "race", "handled"]),
        ({ ledger, tree }) => assert.deepStrictEqual([...ledger.demoted], [], JSON.stringify(tree))
      ),
    { seeds: 200 }
  )

  it("TSK34: the control: on Effect alone the same trees lose failures", () =>
    Effect.runPromise(
      Effect.map(
        total(200, raw, ["gather", "group", "deadline", "race"])((ledger) => lost(ledger).length),
        (found) => assert.isAbove(found, 60)
      )
    ))

  it("TSK35: the control: Effect.all alone turns typed failures into defects", () =>
    Effect.runPromise(
      Effect.map(
        total(200, raw, ["gather"])(({ demoted }) => demoted.size),
        (found) => assert.isAbove(found, 20)
      )
    ))
})
