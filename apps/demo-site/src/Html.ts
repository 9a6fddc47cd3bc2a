/** The HTML that pages of the shop share: escaping, links and the frame around each page. */
import * as Links from "./Links.ts"
import * as Prng from "./Prng.ts"

/** What a page is made from. */
export interface Context extends Links.From {
  /** The numbers of this page, independent of all other pages. */
  readonly prng: Prng.Prng
}

export const context = (origin: string, seed: number, path: string): Context => ({
  origin,
  path,
  prng: Prng.make(seed, path)
})

export const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")

/** A link to a canonical path, in the given form or in one that the page's numbers choose. */
export const link = (page: Context, target: string, label: string, form?: Links.Form): string =>
  `<a href="${escape(Links.href(target, form ?? Links.someForm(page.prng), page))}">${escape(label)}</a>`

export const list = (items: ReadonlyArray<string>): string =>
  `<ul>\n${items.map((item) => `  <li>${item}</li>`).join("\n")}\n</ul>`

/** The whole document. `head` goes before everything that has a URL, so it may hold a `<base>`. */
export const document = (
  page: Context,
  title: string,
  main: string,
  options: { readonly head?: string; readonly language?: string } = {}
): string => `<!DOCTYPE html>
<html lang="${options.language ?? "en"}">
<head>
${options.head ?? '<meta charset="utf-8">'}
<title>${escape(title)} | Lanternfish Books</title>
<link rel="stylesheet" href="/static/shop.css">
</head>
<body>
<header><a href="/">Lanternfish Books</a>
<nav><a href="/catalogue/page-1.html">All books</a> <a href="/help/shipping.html">Shipping</a>
<a href="/about.html">About</a></nav></header>
<main>
${main}
</main>
<footer><p><a href="/contact.html#map">Contact</a>
<a rel="nofollow" href="/login.html">Your account</a> <a href="/admin/">Staff</a></p></footer>
</body>
</html>
`
