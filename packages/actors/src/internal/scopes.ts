/**
 * Finalizers of a Scope that can be taken out again.
 *
 * Effect's `addFinalizer` has no opposite, and a forked Scope for each actor would cost it several
 * hundred bytes. This uses the state of a Scope as its type describes it.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Adds a finalizer; false where the Scope is closed. */
export const attach = (
  scope: Scope.Scope,
  key: object,
  finalizer: () => Effect.Effect<void>
): boolean => {
  const { state } = scope
  if (state._tag === "Closed") return false
  if (state._tag === "Empty") {
    scope.state = { _tag: "Open", finalizerKey: key, finalizer, finalizers: undefined }
    return true
  }
  if (state.finalizers === undefined) {
    state.finalizers = new Map()
    if (state.finalizerKey !== undefined && state.finalizer !== undefined) {
      state.finalizers.set(state.finalizerKey, state.finalizer)
    }
    state.finalizerKey = state.finalizer = undefined
  }
  state.finalizers.set(key, finalizer)
  return true
}

/** Removes a finalizer, if the Scope still has it. */
export const detach = (scope: Scope.Scope, key: object): void => {
  const { state } = scope
  if (state._tag !== "Open") return
  if (state.finalizerKey === key) scope.state = { _tag: "Empty" }
  else if (state.finalizers?.delete(key) === true && state.finalizers.size === 0) {
    scope.state = { _tag: "Empty" }
  }
}
