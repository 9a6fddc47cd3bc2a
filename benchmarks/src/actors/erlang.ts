/** The contenders that are written in Erlang, in the folder `erlang` beside this file. */
import type { Contender, Erlang } from "../workload.ts"

export const erlang = (contender: string, schedulers?: Erlang["schedulers"]): Contender => ({
  run: {
    file: new URL("erlang/bench.escript", import.meta.url),
    contender,
    ...(schedulers === undefined ? {} : { schedulers })
  }
})
