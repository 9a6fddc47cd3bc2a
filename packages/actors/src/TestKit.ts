/**
 * What tests of actors need: actors that keep what they are sent, and a record of what an actor does
 * with itself. All waiting is by the clock of the test.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Queue from "effect/Queue"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Actor from "./Actor.ts"
import type { Options } from "./ActorOptions.ts"
import type { ActorRef } from "./ActorRef.ts"
import type { ActorSystem } from "./ActorSystem.ts"
import type { ActorContext, Behavior, When } from "./Behavior.ts"
import type * as Protocol from "./Protocol.ts"

/**
 * A message that a probe was sent.
 *
 * @since 0.1.0
 */
export interface Received {
  readonly tag: string
  readonly payload: unknown
}

/**
 * A probe did not get the message that was expected of it.
 *
 * @since 0.1.0
 */
export class Unexpected extends Data.TaggedError("Unexpected")<{
  readonly probe: string
  readonly expected: string
  /** The message that came, or none. */
  readonly got: Received | undefined
}> {
  override get message(): string {
    return `${this.probe} expected ${this.expected}, and got ${describe(this.got)}`
  }
}

const describe = (got: Received | undefined): string => {
  if (got === undefined) return "nothing"
  return got.payload === undefined ? got.tag : `${got.tag} ${Formatter.format(got.payload)}`
}

/**
 * Defect of a probe that is asked a message for which it was given no reply.
 *
 * @since 0.1.0
 */
export class NoReply extends Data.TaggedError("NoReply")<{ readonly tag: string }> {
  override get message(): string {
    return `the probe has no reply to ${this.tag}: give it one when you make it`
  }
}

/**
 * What a probe replies to messages that have a reply.
 *
 * @since 0.1.0
 */
export type Replies<P extends Rpc.Any> = {
  readonly [Current in P as Current["_tag"]]?: (
    payload: Rpc.Payload<Current>
  ) => Effect.Effect<Rpc.Success<Current>, Rpc.Error<Current>>
}

/**
 * An actor that keeps the messages that it is sent, 10,000 of them, until the test takes them.
 *
 * @since 0.1.0
 */
export interface Probe<P extends Rpc.Any> {
  readonly ref: ActorRef<P>
  /**
   * Takes the next message, and gives its payload. Fails with `Unexpected` when it is another one, or
   * none comes within the time, by default 3 seconds.
   */
  readonly expectMessage: <Tag extends P["_tag"]>(
    tag: Tag,
    within?: Duration.Input
  ) => Effect.Effect<Protocol.Payload<P, Tag>, Unexpected>
  /** Fails with `Unexpected` when a message has come, or comes within the time, by default none. */
  readonly expectNoMessage: (within?: Duration.Input) => Effect.Effect<void, Unexpected>
}

/**
 * Starts a probe. Without a reply of its own it replies to messages whose reply is nothing; another
 * one crashes it with `NoReply`.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Audit = RpcGroup.make(Rpc.make("Log", { payload: { line: Schema.String } }))
 * const system = yield* Layer.build(ActorSystem.layer)
 * const audit = yield* TestKit.probe(Audit).pipe(Effect.provide(system))
 * yield* audit.ref.tell("Log", { line: "paid" })
 * yield* audit.expectMessage("Log") // => { line: "paid" }
 * yield* audit.expectNoMessage()
 * ```
 *
 * @since 0.1.0
 */
export const probe = <P extends Rpc.AnyWithProps>(
  protocol: RpcGroup.RpcGroup<P>,
  replies: Replies<P> = {}
): Effect.Effect<Probe<P>, never, Scope.Scope | ActorSystem> =>
  Effect.gen(function* () {
    const inbox = yield* Queue.bounded<Received>(inboxMax)
    const scripted: {
      readonly [tag: string]: ((payload: never) => Effect.Effect<unknown, unknown>) | undefined
    } = replies
    const handlers = Array.from(protocol.requests, ([tag, { successSchema }]) => {
      const reply =
        scripted[tag] ??
        (successSchema === Schema.Void ? () => Effect.void : () => Effect.die(new NoReply({ tag })))
      const handler = (payload: never) =>
        Queue.offer(inbox, { tag, payload }).pipe(
          Effect.andThen(Effect.suspend(() => reply(payload))),
          Effect.map((reply) => [reply, undefined] as const)
        )
      return [tag, handler] as const
    })
    const behavior: Behavior<P> = {
      protocol,
      init: () => Effect.void,
      handlers: Object.fromEntries(handlers),
      uninterruptible: new Set()
    }
    const ref = yield* Actor.spawn(behavior, { name: "probe" })
    return makeProbe(ref, inbox)
  })

/** A probe that holds so many messages waits until the test takes some. */
const inboxMax = 10_000

const makeProbe = <P extends Rpc.Any>(
  ref: ActorRef<P>,
  inbox: Queue.Dequeue<Received>
): Probe<P> => {
  const next = (within: Duration.Input) => Effect.timeoutOption(Queue.take(inbox), within)
  const unexpected = (expected: string, got: Unexpected["got"]) =>
    Effect.fail(new Unexpected({ probe: ref.path, expected, got }))
  return {
    ref,
    expectMessage: <Tag extends P["_tag"]>(tag: Tag, within: Duration.Input = "3 seconds") =>
      Effect.flatMap(next(within), (message) => {
        if (message._tag === "None") return unexpected(tag, undefined)
        const { payload, tag: got } = message.value
        // The handler of this tag has put it there.
        return got === tag
          ? Effect.succeed(payload as Protocol.Payload<P, Tag>)
          : unexpected(tag, message.value)
      }),
    expectNoMessage: (within = Duration.zero) =>
      Effect.flatMap(next(within), (message) =>
        message._tag === "None" ? Effect.void : unexpected("nothing", message.value)
      )
  }
}

/**
 * Something that an actor did with itself.
 *
 * @since 0.1.0
 */
export type Done =
  | { readonly _tag: "Spawned"; readonly options: Options | undefined }
  | { readonly _tag: "Watched"; readonly path: string; readonly tag: string }
  | { readonly _tag: "Unwatched"; readonly path: string }
  | {
      readonly _tag: "TimerStarted"
      readonly key: string
      readonly when: When
      readonly tag: string
      readonly payload: unknown
    }
  | { readonly _tag: "TimerCancelled"; readonly key: string }
  | {
      readonly _tag: "ReceiveTimeoutSet"
      readonly after: Duration.Input
      readonly tag: string
      readonly payload: unknown
    }
  | { readonly _tag: "Stashed" }
  | { readonly _tag: "UnstashedAll" }
  | { readonly _tag: "Stopped" }

/**
 * A behaviour that does what another one does, and keeps a record of what its actors do with
 * themselves.
 *
 * @since 0.1.0
 */
export interface Recorded<P extends Rpc.Any, E, R> {
  readonly behavior: Behavior<P, E, R>
  /** What was done so far, in order. */
  readonly done: Effect.Effect<ReadonlyArray<Done>>
}

/**
 * Records what the actors of a behaviour do with themselves: they do it as well.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Job = RpcGroup.make(Rpc.make("Run"))
 * const job = Behavior.make(Job, () => Effect.void, {
 *   Run: (_, state, { stop }) => Effect.as(stop, [undefined, state] as const)
 * })
 * const { behavior, done } = yield* TestKit.record(job)
 * const run = Effect.flatMap(Actor.spawn(behavior), (ref) => ref.ask("Run"))
 * yield* run.pipe(Effect.provide(ActorSystem.layer))
 * yield* done // => [{ _tag: "Stopped" }]
 * ```
 *
 * @since 0.1.0
 */
export const record = <P extends Rpc.Any, E, R>(
  behavior: Behavior<P, E, R>
): Effect.Effect<Recorded<P, E, R>> =>
  Effect.sync(() => {
    const log: Array<Done> = []
    const handlers = Object.entries(behavior.handlers).map(([tag, handler]) => {
      const recording: typeof handler = (payload, state, context) =>
        handler(payload, state, recordingContext(context, log))
      return [tag, recording] as const
    })
    return {
      behavior: {
        ...behavior,
        init: (context) => behavior.init(recordingContext(context, log)),
        handlers: Object.fromEntries(handlers)
      },
      done: Effect.sync(() => log.slice())
    }
  })

const recordingContext = <P extends Rpc.Any>(
  context: ActorContext<P>,
  log: Array<Done>
): ActorContext<P> => {
  const noted = <A, E, R>(done: Done, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      log.push(done)
      return effect
    })
  return {
    self: context.self,
    spawn: (behavior, options) =>
      noted({ _tag: "Spawned", options }, context.spawn(behavior, options)),
    watch: (ref, tag, payload) =>
      noted({ _tag: "Watched", path: ref.path, tag }, context.watch(ref, tag, payload)),
    unwatch: (ref) => noted({ _tag: "Unwatched", path: ref.path }, context.unwatch(ref)),
    timer: <Tag extends P["_tag"], M extends P>(
      key: string,
      when: When,
      tag: Tag,
      ...rest: Protocol.ArgumentsOf<M, never>
    ) =>
      noted(
        { _tag: "TimerStarted", key, when, tag, payload: rest[0] },
        context.timer<Tag, M>(key, when, tag, ...rest)
      ),
    cancelTimer: (key) => noted({ _tag: "TimerCancelled", key }, context.cancelTimer(key)),
    receiveTimeout: <Tag extends P["_tag"], M extends P>(
      after: Duration.Input,
      tag: Tag,
      ...rest: Protocol.ArgumentsOf<M, never>
    ) =>
      noted(
        { _tag: "ReceiveTimeoutSet", after, tag, payload: rest[0] },
        context.receiveTimeout<Tag, M>(after, tag, ...rest)
      ),
    stash: noted({ _tag: "Stashed" }, context.stash),
    unstashAll: noted({ _tag: "UnstashedAll" }, context.unstashAll),
    stop: noted({ _tag: "Stopped" }, context.stop)
  }
}
