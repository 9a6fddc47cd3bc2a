/** The connections to one origin. */
import type * as Undici from "undici"

/** They are opened as they are needed. */
export interface Connections {
  readonly dispatch: Undici.Dispatcher["dispatch"]
  readonly isOpen: () => boolean
  readonly close: () => Promise<void>
  readonly destroy: () => Promise<void>
}

export type Open = (
  origin: string,
  options: Undici.Pool.Options,
  onLeave: () => void
) => Connections

/** Loads the one part of undici that this needs: the whole takes 50 ms, this one 12 (see ADR 12). */
export const load = async (): Promise<Open> => {
  const { default: Pool } = await import("undici/lib/dispatcher/pool.js")
  return (origin, options, onLeave) => {
    const pool = new Pool(origin, options)
    pool.on("disconnect", onLeave)
    pool.on("connectionError", onLeave)
    return {
      dispatch: (request, handler) => pool.dispatch(request, handler),
      isOpen: () => pool.stats.connected > 0 || pool.stats.size > 0,
      close: () => pool.close(),
      destroy: () => pool.destroy()
    }
  }
}
