/** Builds the tree of a page, up to the depth that browsers build. */
import { DomHandler, Parser } from "htmlparser2"

/** What Blink nests at the most. A parser pays for the depth at each tag, so it must have a bound. */
const depthMax = 512

/** How much is parsed between two looks at the depth. */
const chunkLength = 4096

class DepthHandler extends DomHandler {
  depth = 0
  override onopentag(...args: Parameters<DomHandler["onopentag"]>): void {
    this.depth += 1
    super.onopentag(...args)
  }
  override onclosetag(): void {
    this.depth -= 1
    super.onclosetag()
  }
}

/** What comes after too deep a place is left out. */
export const parseBounded = (html: string): DomHandler["root"] => {
  const handler = new DepthHandler()
  const parser = new Parser(handler)
  for (let at = 0; at < html.length && handler.depth <= depthMax; at += chunkLength) {
    parser.write(html.slice(at, at + chunkLength))
  }
  parser.end()
  return handler.root
}
