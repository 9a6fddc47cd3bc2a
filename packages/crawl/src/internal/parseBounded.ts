/** Builds the tree of a page, up to the size that browsers and memory take. */
import { DomHandler, Parser } from "htmlparser2"

/** What Blink nests at the most. A parser pays for the depth at each tag, so it must have a bound. */
const depthMax = 512

/** A tree takes a few hundred bytes for each; no page that a person reads has as many. */
const elementsMax = 250_000
const attributesOfTagMax = 1024

/** How much is parsed between two looks at the bounds. */
const chunkLength = 4096

class BoundedHandler extends DomHandler {
  depth = 0
  elements = 0
  attributes = 0
  onopentagname(): void {
    this.attributes = 0
  }
  onattribute(): void {
    this.attributes += 1
  }
  override onopentag(...args: Parameters<DomHandler["onopentag"]>): void {
    this.depth += 1
    this.elements += 1
    super.onopentag(...args)
  }
  override onclosetag(): void {
    this.depth -= 1
    super.onclosetag()
  }
  get isWithinBounds(): boolean {
    return (
      this.depth <= depthMax &&
      this.elements <= elementsMax &&
      this.attributes <= attributesOfTagMax
    )
  }
}

/** What comes after a place that is too deep, or after too much, is left out. */
export const parseBounded = (html: string): DomHandler["root"] => {
  const handler = new BoundedHandler()
  const parser = new Parser(handler)
  for (let at = 0; at < html.length && handler.isWithinBounds; at += chunkLength) {
    parser.write(html.slice(at, at + chunkLength))
  }
  parser.end()
  return handler.root
}
