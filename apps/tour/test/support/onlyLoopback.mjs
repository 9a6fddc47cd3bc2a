// Preloaded into the program: whoever listens on or connects to another address than 127.0.0.1 ends it.
import net from "node:net"

const refuse = (what) => {
  process.stderr.write(`not 127.0.0.1: ${what}\n`)
  process.exit(77)
}

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args
  const host = typeof options === "object" ? options.host : args[1]
  if (host !== "127.0.0.1") refuse(`connects to ${host}`)
  return connect.apply(this, args)
}

const { listen } = net.Server.prototype
net.Server.prototype.listen = function (...args) {
  this.once("listening", () => {
    const { address } = this.address()
    if (address !== "127.0.0.1") refuse(`listens on ${address}`)
  })
  return listen.apply(this, args)
}
