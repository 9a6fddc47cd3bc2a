/** Programs for the simulator, each with a system of its own and a Scope. */
import { Effect, type Scope } from "effect"
import type { ActorSystem, DeadLetters } from "@fibra/actors"
import { quiet } from "./system.ts"

type Services = Scope.Scope | ActorSystem.ActorSystem | DeadLetters.DeadLetters

export const sim =
  <E>(program: () => Effect.Effect<void, E, Services>) =>
  (): Effect.Effect<void, E> =>
    program().pipe(Effect.scoped, Effect.provide(quiet))
