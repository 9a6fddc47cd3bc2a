/** The suites, by the names that the command line takes. */
import { actors } from "./actors/suite.ts"
import { compute } from "./compute/suite.ts"
import { crawl } from "./crawl/suite.ts"
import { files } from "./files/suite.ts"
import { http } from "./http/suite.ts"
import { tasks } from "./tasks/suite.ts"
import type { Suite } from "./workload.ts"

export const suites: Readonly<Record<string, Suite>> = {
  tasks,
  actors,
  compute,
  files,
  http,
  crawl
}
