#!/usr/bin/env -S node --max-semi-space-size=16
// The launcher of every app: the same bytes in each `bin/`. It runs `src` in the repository and
// `dist` from a published package, always in this one process. Older Nodes must be able to parse it.
// Where new objects go has 16 MB at the most, as before Node 24: with what that gives it, a crawl needs
// 70 MB more and is no faster.
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
