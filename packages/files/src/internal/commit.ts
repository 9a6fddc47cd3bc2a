/** What a commit is, and where a caller saves its own state with one. */
import type * as Effect from "effect/Effect"

/** How far the files are committed that may be written to before the next commit, by name. */
export interface Lengths {
  readonly [file: string]: { readonly bytes: number; readonly rows: number }
}

/**
 * What is committed in one step: how far the files are then, and what the caller gave with their rows.
 *
 * @since 0.1.0
 */
export interface Commit<Mark> {
  /** To be given back by `load`. It is plain JSON. */
  readonly lengths: Lengths
  /** In the order in which their rows went in; none when only a file was opened. */
  readonly marks: ReadonlyArray<Mark>
  /** Rows of this commit. */
  readonly rows: number
}

/**
 * A place of the caller's where each commit is saved, together with state of the caller's own.
 *
 * Rows count as committed from the moment at which `save` has saved them: rows that are in a file and in
 * no saved commit are cut when the file is opened again. So rows and state are never apart, whatever
 * crashes.
 *
 * @since 0.1.0
 */
export interface CommitHook<Mark> {
  /** The lengths that were saved last; `undefined` when nothing was. */
  readonly load: Effect.Effect<Lengths | undefined, unknown>
  /** Saves it whole or not at all, and returns when it is durable. The rows are durable already. */
  readonly save: (commit: Commit<Mark>) => Effect.Effect<void, unknown>
}
