/** A network and a disk in memory, for lessons that are drawn: they take virtual time only. */
import { SimFileSystem, SimNet } from "@fibra/testing"
import { Effect, type FileSystem, Layer } from "effect"
import type { HttpClient } from "effect/http"
import * as Server from "./Server.ts"

/** What it says of itself above a drawing. */
export const note =
  "Network and disk are in memory: a request takes 20 ms to arrive, an operation of the disk 5 ms."

/** More servers than a lesson has. */
const serversMax = 4

/** A client, a disk, and a way to start servers. */
export const layer = (): Layer.Layer<HttpClient.HttpClient | FileSystem.FileSystem> => {
  const answers: Array<Server.Answer> = []
  const start: Server.Start = (answer) =>
    Effect.sync(() => {
      if (answers.push(answer) > serversMax) throw new Error(`more than ${serversMax} servers`)
      return `http://server-${answers.length}.test`
    })
  const host = (index: number): readonly [name: string, host: SimNet.Host] => [
    `server-${index + 1}.test`,
    {
      latency: "20 millis",
      handler: (request) => Effect.scoped(answers[index]!(request.url, request))
    }
  ]
  const hosts = Object.fromEntries(Array.from({ length: serversMax }, (_, index) => host(index)))
  return Layer.mergeAll(
    SimNet.layer({ hosts }),
    SimFileSystem.layer({ latency: "5 millis" }),
    Layer.succeed(Server.CurrentStart, start)
  )
}
