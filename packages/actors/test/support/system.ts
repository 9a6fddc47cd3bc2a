/** An actor system for tests. */
import { Layer, References } from "effect"
import { ActorSystem } from "@fibra/actors"

/** One that logs nothing of crashes: for tests that make many. */
export const quiet = Layer.provide(
  ActorSystem.layer,
  Layer.succeed(References.UnhandledLogLevel, undefined)
)
