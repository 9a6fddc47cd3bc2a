#!/usr/bin/env node
// The launcher of every app: the same bytes in each `bin/`. It runs `src` in the repository and
// `dist` from a published package, always in this one process. Older Nodes must be able to parse it.
const required = 24
const found = Number(process.versions.node.split(".")[0])
if (found < required) {
  console.error(
    `This program needs Node ${required} or newer, and this is Node ${process.versions.node}.\n` +
      "In the repository, run it through npm (`npx NAME`), which uses the Node that `npm ci` installed.\n" +
      "Elsewhere, install Node from https://nodejs.org and run it again."
  )
  process.exit(1)
}

// New objects get 16 MB, as before Node 24: with what that gives them, a crawl needs 70 MB more and is no
// faster. V8 takes it at its start only, and the `env` of BusyBox passes no flags: so this process becomes
// a Node with the flag. Windows cannot, and does without.
const { argv, env, execArgv, execPath, platform } = process
const flags = [...execArgv, env.NODE_OPTIONS].join(" ")
if (platform !== "win32" && !/--max[-_]semi[-_]space[-_]size/.test(flags)) {
  const young = "--max-semi-space-size=16"
  process.execve?.(execPath, [execPath, young, ...execArgv, ...argv.slice(1)])
}

const { existsSync } = await import("node:fs")
const module = await import("node:module")
module.enableCompileCache()
const source = new URL("../src/main.ts", import.meta.url)
if (existsSync(source)) {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "@fibra/source"] })
  })
  await import(source.href)
} else {
  await import(new URL("../dist/main.js", import.meta.url).href)
}
