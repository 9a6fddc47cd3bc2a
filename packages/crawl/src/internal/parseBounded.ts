/** Builds the tree of a page, up to the size that browsers and memory take. */
import { DomHandler, type DomUtils, Parser } from "htmlparser2"

type Element = Parameters<typeof DomUtils.getAttributeValue>[0]

/** What Blink nests at the most. A parser pays for the depth at each tag, so it must have a bound. */
const depthMax = 512

/** A tree takes a few hundred bytes for each; no page that a person reads has as many. */
const elementsMax = 250_000
const attributesOfTagMax = 1024

/** How much is parsed between two looks at the bounds. */
const chunkLength = 1024

/** Is told of each element, and may want no more of them. */
export interface Watcher {
  /** Its attributes are known, and what stands before it. */
  readonly opened: (element: Element) => void
  /** All that is in it is known. */
  readonly closed: (element: Element) => void
  readonly isDone: () => boolean
}

class BoundedHandler extends DomHandler {
  depth = 0
  elements = 0
  attributes = 0
  readonly #watcher: Watcher | undefined
  #parser: Parser | undefined
  constructor(watcher: Watcher | undefined) {
    super()
    this.#watcher = watcher
  }
  override onparserinit(parser: Parser): void {
    super.onparserinit(parser)
    this.#parser = parser
  }
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
    this.#watcher?.opened(this.tagStack.at(-1) as Element)
  }
  override onclosetag(): void {
    this.depth -= 1
    this.#watcher?.closed(this.tagStack.at(-1) as Element)
    super.onclosetag()
    // It stops in the middle of what was written, and nothing is read any more.
    if (this.#watcher?.isDone() === true) this.#parser!.pause()
  }
  get wantsMore(): boolean {
    return (
      this.#watcher?.isDone() !== true &&
      this.depth <= depthMax &&
      this.elements <= elementsMax &&
      this.attributes <= attributesOfTagMax
    )
  }
}

/** What comes after a place that is too deep, or after too much, or after enough, is left out. */
export const parseBounded = (html: string, watcher?: Watcher): DomHandler["root"] => {
  const handler = new BoundedHandler(watcher)
  const parser = new Parser(handler)
  for (let at = 0; at < html.length && handler.wantsMore; at += chunkLength) {
    parser.write(html.slice(at, at + chunkLength))
  }
  parser.end()
  return handler.root
}
