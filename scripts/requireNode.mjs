// Runs before the npm scripts, on whatever Node npm found: it must parse on old ones.
const required = 24
const found = Number(process.versions.node.split(".")[0])
if (found < required) {
  console.error(
    `Fibra needs Node ${required}, and this is Node ${process.versions.node}.\n` +
      "`npm ci` installs the right one beside the project, unless optional dependencies are left out:\n" +
      "run `npm ci --include=optional`, or put Node 24 first on your PATH."
  )
  process.exit(1)
}
