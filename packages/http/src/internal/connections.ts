/** The connections to one origin. */
import type * as Undici from "@effect/platform-node/Undici"

/** They are opened as they are needed. */
export interface Connections {
  readonly dispatch: Undici.Dispatcher["dispatch"]
  readonly isOpen: () => boolean
  readonly close: () => Promise<void>
  readonly destroy: () => Promise<void>
}

export const open = (
  { Pool }: Pick<typeof Undici.default, "Pool">,
  key: string,
  options: Undici.Pool.Options,
  onLeave: () => void
): Connections => {
  const pool = new Pool(key, options)
  pool.on("disconnect", onLeave)
  pool.on("connectionError", onLeave)
  return {
    dispatch: (request, handler) => pool.dispatch(request, handler),
    isOpen: () => pool.stats.connected > 0 || pool.stats.size > 0,
    close: () => pool.close(),
    destroy: () => pool.destroy()
  }
}
