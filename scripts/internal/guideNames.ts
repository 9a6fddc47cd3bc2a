/** Checks names of modules in tables of the guide: `Task.gather` must be exported by somebody. */
import * as actors from "@fibra/actors"
import * as compute from "@fibra/compute"
import * as crawl from "@fibra/crawl"
import * as files from "@fibra/files"
import * as http from "@fibra/http"
import * as tasks from "@fibra/tasks"
import * as testing from "@fibra/testing"
import * as effect from "effect"
import * as effectHttp from "effect/http"
import * as socket from "effect/socket"
import { problem } from "./report.ts"

type Namespaces = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const known: ReadonlyArray<Namespaces> = [
  tasks,
  actors,
  compute,
  crawl,
  files,
  http,
  testing,
  effect as unknown as Namespaces,
  effectHttp,
  socket
]

/** Names in the second column of a table that begins with asyncio, which no package exports. */
export const unknownNames = (path: string, text: string): ReadonlyArray<string> =>
  text.split("\n").flatMap((line, index) => {
    const cells = line.split(/(?<!\\)\|/)
    if (!line.startsWith("|") || !/^\| asyncio \|/m.test(text) || cells.length < 4) return []
    return [...cells[2]!.matchAll(/\b([A-Z]\w+)\.([A-Za-z]\w*)/g)].flatMap(
      ([name, module, member]) =>
        known.some((namespaces) => namespaces[module!]?.[member!] !== undefined)
          ? []
          : [problem(path, index + 1, `names ${name}, which nobody exports, mend the name`)]
    )
  })
