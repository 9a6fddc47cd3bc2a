/**
 * The messages that an actor understands: plain definitions of `effect/rpc`.
 *
 * A protocol is an `RpcGroup`, so the same value can be deployed on `effect/cluster` unchanged. Here
 * are the types that the other modules read from it.
 *
 * @since 0.1.0
 */
import type * as Rpc from "effect/rpc/Rpc"

/**
 * The payload of the message `Tag` of a protocol.
 *
 * @since 0.1.0
 */
export type Payload<P extends Rpc.Any, Tag extends P["_tag"]> = Rpc.Payload<Rpc.ExtractTag<P, Tag>>

/**
 * What asking with the message `Tag` succeeds with.
 *
 * @since 0.1.0
 */
export type Reply<P extends Rpc.Any, Tag extends P["_tag"]> = Rpc.Success<Rpc.ExtractTag<P, Tag>>

/**
 * The error that the message `Tag` declares: a reply as well, only a typed failure.
 *
 * @since 0.1.0
 */
export type Failure<P extends Rpc.Any, Tag extends P["_tag"]> = Rpc.Error<Rpc.ExtractTag<P, Tag>>

/**
 * The arguments after the tag: a message without payload needs none.
 *
 * @since 0.1.0
 */
export type Arguments<P extends Rpc.Any, Tag extends P["_tag"], Options> = ArgumentsOf<
  Rpc.ExtractTag<P, Tag>,
  Options
>

/**
 * The same of one message.
 *
 * @since 0.1.0
 */
export type ArgumentsOf<M extends Rpc.Any, Options> = [void] extends [Rpc.Payload<M>]
  ? [payload?: void, options?: Options]
  : [payload: Rpc.Payload<M>, options?: Options]
