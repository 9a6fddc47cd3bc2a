/** What of the outside may still act: timers, sockets and files that the process has opened. */

/** Takes note of what there is; gives the kinds of which there is more since, as the host calls them. */
export const watch = (): (() => ReadonlyArray<string>) => {
  const before = active()
  return () => {
    const left = [...before]
    const opened = active().filter((kind) => {
      const index = left.indexOf(kind)
      if (index >= 0) left.splice(index, 1)
      return index < 0
    })
    return [...new Set(opened)]
  }
}

// Node only. Elsewhere nothing is known.
const active = (): ReadonlyArray<string> => globalThis.process?.getActiveResourcesInfo?.() ?? []
