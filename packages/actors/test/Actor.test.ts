import { assert, describe, it } from "@effect/vitest"
import {
  Cause,
  Context,
  Effect,
  Equal,
  Exit,
  Fiber,
  HashSet,
  Latch,
  Layer,
  Metric,
  Schema,
  Scope
} from "effect"
import { TestClock } from "effect/testing"
import { Rpc, RpcGroup } from "effect/rpc"
import {
  Actor,
  ActorError,
  ActorOptions,
  type ActorRef,
  ActorSystem,
  Behavior,
  DeadLetters,
  type Down,
  Watch
} from "@fibra/actors"
import { logged } from "./support/logged.ts"
import {
  bang,
  type Does,
  nothing,
  Protocol,
  type Ref,
  Refused,
  worker
} from "./support/messages.ts"
import { quiet } from "./support/system.ts"

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** An `init` that acquires something with a name. */
const acquire = (log: Array<string>, name: string) => () =>
  Effect.acquireRelease(
    Effect.sync(() => log.push(`acquire ${name}`)),
    () => Effect.sync(() => log.push(`release ${name}`))
  ).pipe(Effect.asVoid) as Effect.Effect<void>

/** Tells an actor to end itself, and waits for that. */
const ownEnd = (ref: Ref, does: Does) =>
  Effect.gen(function* () {
    const down = yield* start(Watch.awaitDown(ref))
    yield* ref.tell("Tell", does)
    return yield* Fiber.join(down)
  })

describe("Actor", () => {
  it.effect("ACT1: messages are handled in order, each with the state that the last one left", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker())
      const states: Array<number> = []
      const note = (_: unknown, state: number) => Effect.sync(() => void states.push(state))
      yield* ref.tell("Tell", note)
      yield* ref.tell("Tell", (_, state) => Effect.andThen(Effect.yieldNow, note(_, state)))
      assert.strictEqual(yield* ref.ask("Ask", note), 3)
      const failure = yield* Effect.exit(ref.ask("Ask", () => Effect.fail(new Refused())))
      assert.deepStrictEqual(failure, Exit.fail(new Refused()))
      assert.strictEqual(yield* ref.ask("Ask", note), 4)
      assert.deepStrictEqual(states, [0, 1, 2, 3])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT2: 100 senders of 1,000 messages each are handled in their order", () =>
    Effect.gen(function* () {
      const last = new Map<number, number>()
      const ref = yield* Actor.spawn(worker(), { capacity: 64 })
      const send = (sender: number) =>
        Effect.forEach(
          Array.from({ length: 1000 }, (_, n) => n),
          (n) =>
            ref.tell("Tell", () =>
              Effect.sync(() => {
                assert.strictEqual(n, (last.get(sender) ?? -1) + 1)
                last.set(sender, n)
              })
            ),
          { discard: true }
        )
      const senders = Array.from({ length: 100 }, (_, sender) => send(sender))
      yield* Effect.all(senders, { concurrency: "unbounded", discard: true })
      assert.strictEqual(yield* ref.ask("Ask", nothing), 100_001)
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ACT3: the failure of a message that was told leaves the state, and is logged once",
    () => {
      const { lines, provide } = logged()
      return Effect.gen(function* () {
        const ref = yield* Actor.spawn(worker(), { name: "w" })
        const fails = () => Effect.fail(new Refused())
        for (let n = 0; n < 3; n++) yield* ref.tell("Tell", fails)
        assert.strictEqual(yield* ref.ask("Ask", nothing), 1)
        const [actor] = yield* ActorSystem.snapshot
        assert.deepInclude(actor?.counts, { handled: 4, deadLettered: 0 })
        assert.deepStrictEqual(lines, [
          "Error /w was told Tell, and nobody waits for the failure it replied with; it is not reported again: Refused"
        ])
      }).pipe(Effect.provide(ActorSystem.layer), provide)
    }
  )

  it.effect("ACT4: so does the handler of an ask that interrupts itself", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker(), { name: "w" })
      const stopped = yield* Effect.flip(ref.ask("Ask", () => Effect.interrupt))
      assert.strictEqual(stopped._tag === "ActorStopped" && stopped.reason, "crashed")
      assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect.each(["dies", "throws", "interrupts itself"])(
    "ACT4: a handler that %s ends the actor: a dead letter, a line in the log, released resources",
    (how) => {
      const { lines, provide } = logged()
      const log: Array<string> = []
      return Effect.gen(function* () {
        const ref = yield* Actor.spawn(worker(acquire(log, "file")), { name: "w" })
        yield* ref.tell("Tell", nothing)
        yield* ref.tell("Tell", () => {
          if (how === "throws") throw new Error("bang")
          return how === "dies" ? Effect.die(new Error("bang")) : Effect.interrupt
        })
        yield* ref.tell("Tell", () => Effect.sync(() => void log.push("handled")))
        const stopped = yield* Effect.flip(ref.ask("Ask", nothing))
        assert.deepStrictEqual(
          stopped,
          new ActorError.ActorStopped({ actor: "/w", reason: "stopped" })
        )
        assert.deepStrictEqual(log, ["acquire file", "release file"])
        const letters = yield* (yield* DeadLetters.DeadLetters).all
        assert.deepStrictEqual(
          letters.map(({ actor, reason, tag }) => [actor, tag, reason]),
          [
            ["/w", "Tell", "crashed"],
            ["/w", "Tell", "stopped"]
          ]
        )
        assert.isDefined(letters[0]?.cause)
        assert.strictEqual(lines.length, 1)
        assert.match(lines[0]!, /^Error \/w crashed on Tell/)
        assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
      }).pipe(Effect.provide(ActorSystem.layer), provide)
    }
  )

  it.effect("ACT4: so does one that returns no pair, which its types had to be made to allow", () =>
    Effect.gen(function* () {
      const { all } = yield* DeadLetters.DeadLetters
      for (const run of [() => Effect.void, () => Effect.yieldNow, () => undefined]) {
        const untyped = Behavior.make(RpcGroup.make(Rpc.make("Run")), () => Effect.void, {
          Run: run as unknown as () => Effect.Effect<readonly [void, void]>
        })
        const [told, asked] = [yield* Actor.spawn(untyped), yield* Actor.spawn(untyped)]
        const down = yield* start(Watch.awaitDown(told))
        yield* told.tell("Run")
        yield* Fiber.join(down)
        assert.strictEqual((yield* Effect.flip(asked.ask("Run")))._tag, "ActorStopped")
      }
      const causes = (yield* all).map(({ cause }) => String(Cause.squash(cause!)))
      const cause =
        "NoPair: The handler of Run did not return an effect of [reply, state]: give it both"
      assert.deepStrictEqual(
        causes,
        Array.from({ length: 6 }, () => cause)
      )
    }).pipe(Effect.provide(quiet))
  )

  it.effect.each(["fails", "dies", "throws"])(
    "ACT5: an init that %s fails the spawn, and leaves nothing",
    (how) =>
      Effect.gen(function* () {
        const log: Array<string> = []
        const behavior = Behavior.make(
          RpcGroup.make(),
          () => {
            if (how === "throws") throw new Error("bang")
            return Effect.andThen(
              acquire(log, "file")(),
              how === "fails" ? Effect.fail("no file" as const) : Effect.die("bang")
            )
          },
          {}
        )
        const exit = yield* Effect.exit(Actor.spawn(behavior))
        if (how === "fails") assert.deepStrictEqual(exit, Exit.fail("no file" as const))
        else assert.isTrue(Exit.hasDies(exit))
        assert.deepStrictEqual(log, how === "throws" ? [] : ["acquire file", "release file"])
        assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
      }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT5: whoever watches an actor from its own init is told when that fails", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const watcher = yield* Actor.spawn(worker(undefined, log))
      const child = Behavior.make(
        Protocol,
        ({ self }) =>
          watcher
            .ask("Ask", ({ watch }) =>
              watch(self, "Down", ({ path, reason }) => ({ path, reason: reason._tag }))
            )
            .pipe(Effect.andThen(Effect.die("bang"))),
        {
          Tell: () => Effect.die(0),
          Ask: () => Effect.die(0),
          Down: () => Effect.die(0),
          Tick: () => Effect.die(0)
        }
      )
      yield* Effect.exit(Actor.spawn(child, { name: "child" }))
      yield* watcher.ask("Ask", nothing)
      assert.deepStrictEqual(log, ["/child Crashed"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT6: interrupting a spawn interrupts init, and releases what it had acquired", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const spawning = yield* start(
        Actor.spawn(worker(() => Effect.andThen(acquire(log, "file")(), Effect.never)))
      )
      assert.strictEqual((yield* ActorSystem.snapshot)[0]?.status, "starting")
      yield* Fiber.interrupt(spawning)
      assert.deepStrictEqual(log, ["acquire file", "release file"])
      assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT7: closing the scope stops actors and releases resources in reverse order", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Actor.spawn(worker(acquire(log, "a")))
          yield* acquire(log, "between")()
          yield* Actor.spawn(
            worker((context) =>
              Effect.andThen(acquire(log, "b")(), context.spawn(worker(acquire(log, "child of b"))))
            )
          )
          log.length = 0
        })
      )
      assert.deepStrictEqual(log, [
        "release child of b",
        "release b",
        "release between",
        "release a"
      ])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT7: an actor that has ended leaves nothing in the scope it was spawned in", () =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      for (let n = 0; n < 3; n++) {
        const refs = [yield* Actor.spawn(worker()), yield* Actor.spawn(worker())]
        yield* Effect.forEach(refs, Actor.stop, { discard: true })
        assert.strictEqual(scope.state._tag, "Empty")
      }
    }).pipe(Effect.scoped, Effect.provide(quiet))
  )

  it.effect("ACT8: a stop ends the current message, and refuses the others", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const log: Array<string> = []
      const ref = yield* Actor.spawn(worker(acquire(log, "file")))
      yield* ref.tell("Tell", () =>
        Effect.andThen(
          gate.await,
          Effect.sync(() => void log.push("first"))
        )
      )
      yield* ref.tell("Tell", () => Effect.sync(() => void log.push("second")))
      yield* Effect.yieldNow
      const stopping = yield* start(Actor.stop(ref))
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(stopping.pollUnsafe())
      yield* gate.open
      yield* Fiber.join(stopping)
      assert.deepStrictEqual(log, ["acquire file", "first", "release file"])
      yield* Actor.stop(ref)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT8: the owner's stop interrupts the current message when the grace is over", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const closing = yield* start(
        Effect.scoped(
          Effect.gen(function* () {
            const ref = yield* Actor.spawn(worker(), { shutdown: "2 seconds" })
            yield* ref.tell("Tell", () =>
              Effect.onInterrupt(Effect.never, () =>
                Effect.sync(() => void log.push("interrupted"))
              )
            )
            yield* Effect.yieldNow
          })
        )
      )
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(closing)
      assert.deepStrictEqual(log, ["interrupted"])
      assert.strictEqual((yield* (yield* DeadLetters.DeadLetters).counts).killed, 1)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT8: whoever watches is told whether the grace was enough, or how it had ended", () =>
    Effect.gen(function* () {
      const reasons: Array<string> = []
      for (const does of [nothing, () => Effect.never, bang]) {
        const scope = yield* Scope.make()
        const slow = () =>
          Effect.addFinalizer(() => Effect.sleep("1 second")) as Effect.Effect<void>
        const ref = yield* Scope.provide(Actor.spawn(worker(slow), { shutdown: "1 second" }), scope)
        const down = yield* start(Watch.awaitDown(ref))
        yield* ref.tell("Tell", does)
        yield* ref.tell("Tell", nothing)
        yield* Effect.yieldNow
        const closing = yield* start(Scope.close(scope, Exit.void))
        yield* TestClock.adjust("1 second")
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(closing)
        reasons.push((yield* Fiber.join(down)).reason._tag)
      }
      assert.deepStrictEqual(reasons, ["Stopped", "Killed", "Crashed"])
      // Those that had waited behind these were not killed.
      const { crashed, killed, stopped } = yield* (yield* DeadLetters.DeadLetters).counts
      assert.deepStrictEqual([crashed, killed, stopped], [1, 1, 2])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT8: one that is interrupted in its init was killed, and has not crashed", () =>
    Effect.gen(function* () {
      const reasons: Array<string> = []
      const behavior = worker(({ self }) =>
        Effect.gen(function* () {
          const down = yield* Watch.awaitDown(self).pipe(
            Effect.forkDetach({ startImmediately: true })
          )
          downs.push(down)
          return yield* Effect.never
        })
      )
      const downs: Array<Fiber.Fiber<Down.Down>> = []
      const spawning = yield* start(Actor.spawn(behavior))
      yield* Fiber.interrupt(spawning)
      for (const down of downs) reasons.push((yield* Fiber.join(down)).reason._tag)
      assert.deepStrictEqual(reasons, ["Killed"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ACT23: an actor that stops itself, or that an ask of its own stops, does not hang",
    () =>
      Effect.gen(function* () {
        const log: Array<string> = []
        for (const end of [Actor.stop, Actor.kill]) {
          const own = yield* Actor.spawn(worker(acquire(log, "own")))
          yield* ownEnd(own, ({ self }) => end(self))
          const asking = yield* Actor.spawn(worker(acquire(log, "asking")))
          const other = yield* Actor.spawn(worker())
          yield* ownEnd(asking, ({ self }) =>
            Effect.asVoid(Effect.exit(other.ask("Ask", () => end(self))))
          )
        }
        const lines = ["acquire own", "release own", "acquire asking", "release asking"]
        assert.deepStrictEqual(log, [...lines, ...lines])
      }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT9: a kill interrupts the current message, and tells its asker", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const ref = yield* Actor.spawn(worker(acquire(log, "file")), { name: "w" })
      const asking = yield* start(
        ref.ask("Ask", () =>
          Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push("interrupted")))
        )
      )
      yield* Effect.yieldNow
      yield* Actor.kill(ref)
      assert.deepStrictEqual(log, ["acquire file", "interrupted", "release file"])
      const killed = new ActorError.ActorStopped({ actor: "/w", reason: "killed" })
      assert.deepStrictEqual(yield* Fiber.await(asking), Exit.fail(killed))
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT10: handlers and init have the services of the place of the spawn", () => {
    class Greeting extends Context.Service<Greeting, string>()("Greeting") {}
    const Say = RpcGroup.make(Rpc.make("Say", { success: Schema.String }))
    const behavior = Behavior.make(Say, () => Effect.map(Greeting, (text) => `init ${text}`), {
      Say: (_, state) => Effect.map(Greeting, (text) => [`${state}, say ${text}`, state] as const)
    })
    return Effect.gen(function* () {
      const ref = yield* Actor.spawn(behavior).pipe(Effect.provideService(Greeting, "hello"))
      const said = ref.ask("Say").pipe(Effect.provideService(Greeting, "another"))
      assert.strictEqual(yield* said, "init hello, say hello")
    }).pipe(Effect.provide(quiet))
  })

  it.effect("ACT10: but they are no part of the span in which it was spawned", () =>
    Effect.gen(function* () {
      const ref = yield* Effect.withSpan(Actor.spawn(worker()), "spawning")
      const span = () =>
        Effect.map(Effect.option(Effect.currentSpan), (span) => (span._tag === "Some" ? 1 : 0))
      assert.strictEqual(yield* Effect.withSpan(span(), "here"), 1)
      assert.strictEqual(yield* ref.ask("Ask", span), 0)
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ACT11: what init and handlers fork into their scope runs until the incarnation ends",
    () =>
      Effect.gen(function* () {
        const log: Array<string> = []
        const background = (name: string) =>
          Effect.never.pipe(
            Effect.onInterrupt(() => Effect.sync(() => log.push(`${name} ends`))),
            Effect.forkScoped({ startImmediately: true })
          )
        const Fork = RpcGroup.make(Rpc.make("Fork"))
        const behavior = Behavior.make(Fork, () => background("init"), {
          Fork: (_, state) => Effect.as(background("handler"), [undefined, state] as const)
        })
        const ref = yield* Actor.spawn(behavior)
        yield* ref.ask("Fork")
        yield* ref.tell("Fork")
        yield* ref.ask("Fork")
        assert.deepStrictEqual(log, [])
        yield* Actor.stop(ref)
        assert.deepStrictEqual(log, ["handler ends", "handler ends", "handler ends", "init ends"])
      }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ACT12: an actor without messages has no fiber, and no actor stops others for long",
    () => {
      let fibers = 0
      const metrics = { recordFiberStart: () => void fibers++, recordFiberEnd: () => void fibers-- }
      return Effect.gen(function* () {
        const [a, b] = [yield* Actor.spawn(worker()), yield* Actor.spawn(worker())]
        yield* a.ask("Ask", nothing)
        const before = fibers
        for (let n = 0; n < 100; n++) yield* Actor.spawn(worker())
        assert.strictEqual(fibers, before)

        const log: Array<string> = []
        const note = (name: string) => () => Effect.sync(() => void log.push(name))
        for (let n = 0; n < 1000; n++) a.tellUnsafe("Tell", note("a"))
        b.tellUnsafe("Tell", note("b"))
        yield* a.ask("Ask", note("end"))
        assert.isAtMost(log.indexOf("b"), 64)
        assert.strictEqual(log.length, 1002)
      }).pipe(Effect.provide(quiet), Effect.provideService(Metric.FiberRuntimeMetrics, metrics))
    }
  )

  it.effect("ACT21: neither init in init nor ask in ask nests the stack", () => {
    const Depth = RpcGroup.make(
      Rpc.make("Depth", { payload: { above: Schema.Int }, success: Schema.Int })
    )
    type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Depth>>
    const level = (below: number): Behavior.Behavior<RpcGroup.Rpcs<typeof Depth>> =>
      Behavior.make(
        Depth,
        ({ spawn }): Effect.Effect<Ref | undefined> =>
          below === 0 ? Effect.undefined : spawn(level(below - 1)),
        {
          Depth: ({ above }, child) =>
            child === undefined
              ? Effect.succeed([above, child] as const)
              : child.ask("Depth", { above: above + 1 }).pipe(
                  Effect.orDie,
                  Effect.map((depth) => [depth, child] as const)
                )
        }
      )
    return Effect.gen(function* () {
      const ref = yield* Actor.spawn(level(4000))
      assert.strictEqual(yield* ref.ask("Depth", { above: 0 }), 4000)
    }).pipe(Effect.provide(quiet))
  })

  it.effect("ACT13: a snapshot has each actor with its counts, restarts, and what it does", () =>
    Effect.gen(function* () {
      const [gate, began] = [yield* Latch.make(), yield* Latch.make()]
      const ref = yield* Actor.spawn(
        worker((context) => context.spawn(worker(), { name: "child" })),
        { name: "parent", capacity: 2 }
      )
      yield* ref.tell("Tell", ({ stash }) => stash)
      yield* ref.tell("Tell", () => Effect.andThen(began.open, gate.await))
      yield* began.await
      for (let n = 0; n < 3; n++) yield* start(ref.tell("Tell", nothing))
      assert.deepStrictEqual(yield* ActorSystem.snapshot, [
        {
          id: ref.id,
          path: "/parent",
          parent: "",
          status: "running",
          state: undefined,
          counts: { offered: 4, handled: 0, rejected: 0, deadLettered: 0, queued: 4 },
          waiting: 1,
          stashed: 1,
          handling: "Tell",
          restarts: 0,
          lastCrash: undefined
        },
        {
          id: ref.id + 1,
          path: "/parent/child",
          parent: "/parent",
          status: "running",
          state: undefined,
          counts: { offered: 0, handled: 0, rejected: 0, deadLettered: 0, queued: 0 },
          waiting: 0,
          stashed: 0,
          handling: undefined,
          restarts: 0,
          lastCrash: undefined
        }
      ])
      yield* gate.open
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT13: and where its state is of several kinds, the kind", () =>
    Effect.gen(function* () {
      type State = { readonly _tag: "Closed" } | { readonly _tag: "Open"; readonly since: number }
      const Door = RpcGroup.make(Rpc.make("Open"))
      const door = Behavior.make(Door, () => Effect.succeed<State>({ _tag: "Closed" }), {
        Open: () => Effect.succeed([undefined, { _tag: "Open", since: 0 }])
      })
      const ref = yield* Actor.spawn(door)
      const state = Effect.map(ActorSystem.snapshot, ([actor]) => actor?.state)
      assert.strictEqual(yield* state, "Closed")
      yield* ref.ask("Open")
      assert.strictEqual(yield* state, "Open")
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT14: an option that makes no sense is a defect, and starts nothing", () =>
    Effect.gen(function* () {
      const spawn = (options: ActorOptions.Options) => Effect.exit(Actor.spawn(worker(), options))
      const invalid = (option: string, given: unknown, expected: string) =>
        Exit.die(new ActorOptions.InvalidOption({ option, given, expected }))
      assert.deepStrictEqual(
        yield* spawn({ capacity: 0 }),
        invalid("capacity", 0, "an integer from 1")
      )
      assert.deepStrictEqual(
        yield* spawn({ shutdown: "-1 seconds" }),
        invalid("shutdown", "-1 seconds", "a duration from zero")
      )
      assert.deepStrictEqual(
        yield* spawn({ idle: 0 }),
        invalid("idle", 0, "a finite duration of more than zero")
      )
      const overflow = "drop" as "fail"
      assert.isTrue(Exit.hasDies(yield* spawn({ overflow })))
      const layer = ActorSystem.layerWith({ deadLettersMax: 0.5 })
      assert.isTrue(Exit.hasDies(yield* Effect.exit(Effect.provide(Effect.void, layer))))
      assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT15: an address goes through its schema, also when its actor is gone", () =>
    Effect.gen(function* () {
      const schema = Actor.refSchema(Protocol)
      const ref = yield* Actor.spawn(worker(), { name: "a/b" })
      const text = yield* Schema.encodeEffect(schema)(ref)
      assert.strictEqual(text, `/a/b#${ref.id}`)
      const decoded = yield* Schema.decodeEffect(schema)(text)
      assert.strictEqual(decoded, ref)
      assert.strictEqual(yield* decoded.ask("Ask", nothing), 1)

      const Other = RpcGroup.make(Rpc.make("Ask"))
      const other = yield* Effect.exit(Schema.decodeEffect(Actor.refSchema(Other))(text))
      assert.isTrue(Exit.isFailure(other))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Schema.decodeEffect(schema)("nonsense"))))

      yield* Actor.stop(ref)
      const gone = yield* Schema.decodeEffect(schema)(text)
      assert.isTrue(Equal.equals(gone, ref))
      assert.isTrue(HashSet.has(HashSet.make(ref), gone))
      const stopped = yield* Effect.flip(gone.ask("Ask", nothing))
      assert.strictEqual(stopped._tag, "ActorStopped")
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT16: closing a system stops what is left, children first, and ends its timers", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const [outside, ending] = [yield* Effect.scope, yield* Scope.make()]
      const system = yield* Layer.buildWithScope(quiet, ending)
      const inside = Effect.gen(function* () {
        yield* Actor.spawn(worker(acquire(log, "first")))
        const last = yield* Actor.spawn(
          worker((context) =>
            Effect.andThen(acquire(log, "last")(), context.spawn(worker(acquire(log, "child"))))
          )
        )
        log.length = 0
        return last
      })
      // The actors are in a scope that outlives the system.
      const last = yield* inside.pipe(
        Effect.provideService(Scope.Scope, outside),
        Effect.provide(system)
      )
      yield* Scope.close(ending, Exit.void)
      assert.deepStrictEqual(log, ["release child", "release last", "release first"])
      assert.strictEqual((yield* Effect.flip(last.ask("Ask", bang)))._tag, "ActorStopped")
      const late = yield* Effect.exit(Effect.provide(Actor.spawn(worker()), system))
      assert.isTrue(Exit.hasInterrupts(late))
    })
  )
})
