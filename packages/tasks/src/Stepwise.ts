/**
 * The port through which a simulator asks that nothing be done in one go.
 *
 * What wakes many, or runs many steps of its own, does so in one task of the scheduler, which is
 * faster. A simulator that is to choose the order of all steps needs a task for each.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * Whether each step is a task of its own in this context. Default: false.
 *
 * ```ts
 * const isStepwise = yield* Stepwise.Stepwise
 * isStepwise // => false
 * ```
 *
 * @since 0.1.0
 */
export const Stepwise: Context.Reference<boolean> = Context.Reference<boolean>(
  "@fibra/tasks/Stepwise",
  { defaultValue: () => false }
)
