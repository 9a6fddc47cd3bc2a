/** Tasks that spawn into their own bounded group, in random order and with random interrupts. */
import { Effect, Exit, Fiber } from "effect"
import { assert, describe, it } from "vitest"
import { Task, TaskGroup } from "@fibra/tasks"
import { explore, type Seeded } from "../support/seeded.ts"
import { within } from "../support/world.ts"

type Closed = TaskGroup.GroupClosed
type Group = TaskGroup.TaskGroup<Closed, string>
type Step = Effect.Effect<unknown, Closed>

/** What the tasks of one group do, and what is seen of them. */
const makeTasks = ({ below }: Seeded, limit: number, isSequential: boolean) => {
  const seen = { running: 0, peak: 0, started: 0, ended: 0 }
  /** A task runs, and counts, except while it spawns; when it is interrupted there, it only cleans up. */
  const makeTask = () => {
    let isRunning = false
    return {
      enter: Effect.sync(() => {
        if (!isRunning) seen.running++
        isRunning = true
        seen.peak = Math.max(seen.peak, seen.running)
      }),
      leave: Effect.sync(() => {
        if (isRunning) seen.running--
        isRunning = false
      })
    }
  }

  const spawn = (group: Group, depth: number, { enter, leave }: ReturnType<typeof makeTask>) => {
    const child = Effect.suspend(() => node(group, depth - 1))
    const spawned = Effect.uninterruptibleMask((restore) =>
      Effect.andThen(leave, Effect.tap(restore(group.spawn(child)), enter))
    )
    return Effect.flatMap(
      spawned,
      (fiber): Step => [Fiber.await(fiber), Fiber.interrupt(fiber), Effect.void][below(3)]!
    )
  }

  const node = (group: Group, depth: number): Step =>
    Effect.suspend(() => {
      const task = makeTask()
      const spawns = Array.from({ length: depth === 0 ? 0 : below(4) }, () =>
        spawn(group, depth, task)
      )
      const all: Step = isSequential || below(2) === 0 ? Effect.all(spawns) : Task.gather(spawns)
      const nested: Step =
        isSequential || below(3) > 0
          ? all
          : TaskGroup.run((inner: Group) => inner.spawn(all), { concurrency: 1 })
      return Effect.acquireUseRelease(
        Effect.tap(
          task.enter,
          Effect.sync(() => seen.started++)
        ),
        () => Effect.andThen(Effect.yieldNow, nested),
        () =>
          Effect.tap(
            task.leave,
            Effect.sync(() => seen.ended++)
          )
      )
    })

  const run = TaskGroup.run(
    (group: Group) =>
      Effect.gen(function* () {
        for (let index = 0; index < 3; index++) {
          yield* group.spawn(Effect.suspend(() => node(group, 3)))
        }
        for (let turn = below(300); turn > 0; turn--) yield* Effect.yieldNow
        if (below(4) === 0) yield* group.cancel("enough")
      }),
    { concurrency: limit }
  )
  return { seen, run }
}

const trial = (seeded: Seeded, isSequential: boolean) =>
  Effect.gen(function* () {
    const limit = 1 + seeded.below(3)
    const { run, seen } = makeTasks(seeded, limit, isSequential)
    const left = { fibers: 0, timers: 0 }
    const fiber = yield* Effect.forkDetach(run).pipe(within(left, () => {}))
    const isCut = seeded.below(4) === 0
    const patience = isCut ? seeded.below(200) : 100_000
    for (let turn = 0; turn < patience && fiber.pollUnsafe() === undefined; turn++) {
      yield* Effect.yieldNow
    }
    assert.isTrue(isCut || fiber.pollUnsafe() !== undefined, "it hangs")
    fiber.interruptUnsafe()
    const exit = yield* Fiber.await(fiber)
    yield* Effect.yieldNow
    assert.deepStrictEqual([left.fibers, seen.running], [0, 0])
    assert.strictEqual(seen.started, seen.ended)
    if (Exit.isFailure(exit)) assert.isTrue(Exit.hasInterrupts(exit), String(exit))
    if (isSequential) assert.isAtMost(seen.peak, limit)
    return seen.started
  })

describe("bounded groups", () => {
  it("GRP9, GRP10: 1,000 random programs neither hang nor exceed the limit", () => {
    let started = 0
    explore({ seeds: 1000, order: "any" }, (seeded) =>
      Effect.map(trial(seeded, true), (count) => (started += count))
    )
    assert.isAbove(started, 5000)
  })

  it("GRP10: 1,000 more, whose tasks spawn from several fibers at once, do not hang either", () => {
    explore({ seeds: 1000, order: "any" }, (seeded) => trial(seeded, false))
  })
})
