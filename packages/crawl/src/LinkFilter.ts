/**
 * Of all links of a page only those that stand in certain places, such as in a list of results.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Extract from "./Extract.ts"

/**
 * Where links are followed.
 *
 * @since 0.1.0
 */
export interface LinkFilter {
  /** Of the links, or of elements that they are inside of. */
  readonly css: string
}

/**
 * Parses the CSS of links, or of elements with links in them.
 *
 * ```ts
 * const pager = Result.getOrThrow(LinkFilter.parse("nav.pager, a[rel=next]"))
 * const html = "<a href=/about>x</a><nav class=pager><a href=/2>2</a></nav><a rel=next href=/3>3</a>"
 * LinkFilter.linksIn(html, [pager]).links // => ["/2", "/3"]
 * ```
 *
 * @since 0.1.0
 */
export const parse = (css: string): Result.Result<LinkFilter, Extract.SelectorInvalid> =>
  // The second one by itself: what closes a bracket that it has not opened is no CSS.
  Extract.selector(`links=:is(${css})`).pipe(
    Result.andThen(Extract.selector(`links=${css} *`)),
    Result.mapBoth({
      onSuccess: () => ({ css }),
      onFailure: ({ reason }) => new Extract.SelectorInvalid({ text: css, reason })
    })
  )

/**
 * The links of a page that one of the filters lets through, as `Extract.outline` has them.
 *
 * @since 0.1.0
 */
export const linksIn = (
  html: string,
  filters: ReadonlyArray<LinkFilter>
): Pick<Extract.Outline, "links" | "nofollowLinks"> => {
  const places = filters.map(({ css }) => css).join(", ")
  const hrefs = (name: string, which: string): Extract.Selector => ({
    name,
    css: `:is(a, area)[href]${which}:is(${places}, :is(${places}) *)`,
    attribute: "href",
    all: true
  })
  const nofollow = "[rel~=nofollow i]"
  const { links, nofollowLinks } = Extract.fields(html, [
    hrefs("links", `:not(${nofollow})`),
    hrefs("nofollowLinks", nofollow)
  ])
  return { links: listOf(links), nofollowLinks: listOf(nofollowLinks) }
}

const listOf = (field: Extract.Fields[string] | undefined): ReadonlyArray<string> =>
  Array.isArray(field) ? field : []
