/** What of the outside may still act: timers, sockets and files that the process has opened. */

/** Takes note of what there is; gives what has come since, as the host calls it. */
export const watch = (): (() => ReadonlyArray<string>) => {
  const before = active()
  return () => {
    const left = [...before]
    return active().filter((resource) => {
      const index = left.indexOf(resource)
      if (index >= 0) left.splice(index, 1)
      return index < 0
    })
  }
}

// Node only. Elsewhere nothing is known.
const active = (): ReadonlyArray<string> => globalThis.process?.getActiveResourcesInfo?.() ?? []
