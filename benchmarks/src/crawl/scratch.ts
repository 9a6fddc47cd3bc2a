/** Folders for what the contenders write. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const makeFolder = (): string => mkdtempSync(join(tmpdir(), "fibra-bench-"))
