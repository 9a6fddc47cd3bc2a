/** How every check of this folder reports: one line for each problem, exit code 1 when there are any. */
import { realpathSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The repository that these scripts belong to. */
export const repository: string = fileURLToPath(new URL("../..", import.meta.url)).replace(
  /[\\/]$/,
  ""
)

/** `path:line: what is wrong, what to do`, with the path relative to the checked root. */
export const problem = (path: string, line: number, text: string): string =>
  `${path}:${line}: ${text}`

/** Whether the module of this URL is the program that was started, and not one that was imported. */
export const isMain = (url: string): boolean =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)

/** Prints the problems and sets the exit code. */
export const report = (problems: ReadonlyArray<string>): void => {
  for (const line of problems) console.error(line)
  if (problems.length > 0) process.exitCode = 1
}
