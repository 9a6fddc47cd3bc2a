/**
 * The pages that test a crawler: redirects, errors, other link syntax, broken HTML, other types.
 * They look like the pages on which real sites have such things.
 */
import * as Html from "./Html.ts"
import * as Links from "./Links.ts"
import * as Page from "./Page.ts"
import * as Robots from "./Robots.ts"
import { oldLinks, type Source } from "./ShopPages.ts"

/** Paths that stand only in comments, scripts, unfinished tags and PDFs: no page links to them. */
export const ghosts: ReadonlyArray<string> = [
  "/ghost/in-comment.html",
  "/ghost/in-script.html",
  "/ghost/in-unfinished-tag.html",
  "/ghost/in-pdf.html"
]

export const make = (source: Source): ReadonlyArray<Page.Page> => [
  ...shelves(source),
  ...information(source),
  ...redirects(source),
  ...disallowed(source),
  ...files(source),
  page(source, "/reports/bestsellers.html", "Report failed", "<h1>Sorry</h1>", {
    status: 500,
    kind: "failing"
  }),
  page(source, "/books/out-of-print.html", "Not found", "<h1>Not found</h1>", {
    status: 404,
    kind: "failing"
  }),
  page(source, "/login.html", "Your account", "<h1>Log in</h1>", { kind: "nofollow" })
]

const page = (
  { origin, seed }: Source,
  path: string,
  title: string,
  main: string,
  more: { readonly status?: number; readonly kind?: Page.Kind; readonly head?: string } = {}
) =>
  Page.html(
    path,
    more.kind ?? "html",
    () =>
      Html.document(
        Html.context(origin, seed, path),
        title,
        main,
        more.head === undefined ? {} : { head: more.head }
      ),
    { status: more.status ?? 200 }
  )

const shelves = (source: Source): ReadonlyArray<Page.Page> => {
  const { books, origin, seed } = source
  const at = (path: string) => Html.context(origin, seed, path)
  const picks = Array.from({ length: 5 }, (_, index) => books.listed[index * 7]!)
  const fileName = (path: string) => path.slice("/books/".length)
  const one = books.listed[11]!
  return [
    page(
      source,
      "/shelves/staff-picks.html",
      "Staff picks",
      `<h1>Staff picks</h1>
${Html.list(
  [...picks, books.behind("baseHref")].map(
    (book) => `<a href="${fileName(book.path)}">${Html.escape(book.title)}</a>`
  )
)}`,
      { head: '<meta charset="utf-8">\n<base href="/books/">\n<base href="/nowhere/">' }
    ),
    page(
      source,
      "/shelves/new-arrivals.html",
      "New arrivals",
      `<h1>New arrivals</h1>
${Html.list(
  picks.map((book) =>
    Html.link(at("/shelves/new-arrivals.html"), book.path, book.title, "protocolRelative")
  )
)}`
    ),
    page(
      source,
      "/shelves/one-book.html",
      "One book, many roads",
      `<h1>One book, many roads</h1>
${Html.list(
  Links.allForms.map((form) =>
    Html.link(at("/shelves/one-book.html"), one.path, `${one.title} (${form})`, form)
  )
)}
<p><a
  href=" ${one.path} ">Spaces around it</a>, <A HREF='${one.path}'>a tag in capitals</A>.</p>`
    ),
    Page.html(
      "/shelves/odds-and-ends.html",
      "html",
      () => `<html><head><title>Odds & ends
</title></head><body><h1>Odds & ends<h1></h1>
<div><table><tr><td><ul>
<LI><a href=/books/out-of-print.html>Out of print
<li><a name=here>Nowhere</a><a href = ../books/${fileName(books.behind("brokenHtml").path)} >The only road to it
<li><b><a href='${picks[0]!.path}'>${Html.escape(picks[0]!.title)}<p></b></ul></form></span>
<!-- <a href="${ghosts[0]}">commented out</a> -->
<script>document.write('<a href="${ghosts[1]}">written</a>')</script>
<p>And then the disk was full: <a href="${ghosts[2]}`
    )
  ]
}

const information = (source: Source): ReadonlyArray<Page.Page> => [
  page(
    source,
    "/about.html",
    "About",
    `<h1>About us</h1>
<p>A book shop since 1972. <a href="/covers/1.png">A picture</a>, the
<a href="/private/press/">press room</a>, our <a href="/out/partner">partner</a>, their
<a href="http://example.invalid/shop">own site</a>, and the
<a href="/reports/bestsellers.html">bestsellers of the week</a>.</p>
<p>For staff: <a href="/private/stock.html">stock</a>, <a href="/admin/orders.html">orders</a>.
<a href="/moved/first">The book that moved twice</a>.
<a href="/offers/secret">A secret offer</a>.</p>`
  ),
  page(
    source,
    "/contact.html",
    "Contact",
    `<h1>Contact</h1>
<p id="map"><a href="mailto:shop@example.invalid">Write</a>, <a href="tel:+4400000000">call</a>,
<a href="javascript:void(0)">chat</a>, <a href="data:text/plain,hello">hello</a>,
<a href="ftp://example.invalid/list.txt">list</a>.</p>
<p><a href="">This page</a>, <a href="#map">this map</a>, <a>nothing</a>,
<a href="http://[broken/">a mistake</a>, <a href="/contact.html?utm_source=self">again</a>.</p>`
  ),
  page(
    source,
    "/help/shipping.html",
    "Shipping",
    `<h1>Shipping</h1>
<p>See the <a href="/files/price-list.pdf">price list</a>, the
<a href="/files/catalogue.zip">whole catalogue</a>, and <a href="returns.html">returns</a>.
<a href="/loop-a">Track a parcel</a>.</p>`
  ),
  page(
    source,
    "/help/returns.html",
    "Returns",
    `<h1>Returns</h1>
<p>Within 30 days. <a href="shipping.html#top">Shipping</a>,
<a href="../books/out-of-print.html">out of print</a>.</p>`
  ),
  page(
    source,
    "/private/press/",
    "Press room",
    `<h1>Press room</h1>
<p>Allowed inside a disallowed folder.
<a href="../../books/${source.books.behind("allowRule").path.slice(7)}">For review</a>.</p>`
  )
]

const redirects = ({ books }: Source): ReadonlyArray<Page.Page> => [
  ...oldLinks.map((id) => {
    const target = books.listed[id * 2]!.path
    return Page.redirect(
      `/old/${id}`,
      id % 2 === 0 ? 301 : 302,
      id % 3 === 0 ? `..${target}` : target
    )
  }),
  Page.redirect("/moved/first", 301, "second"),
  Page.redirect("/moved/second", 308, books.behind("redirect").path),
  Page.redirect("/loop-a", 302, "/loop-b"),
  Page.redirect("/loop-b", 302, "/loop-a"),
  Page.redirect("/out/partner", 302, "http://example.invalid/partner"),
  // A client that follows redirects by itself walks into the part that robots.txt forbids.
  Page.redirect("/offers/secret", 302, "/private/offer.html")
]

const disallowed = (source: Source): ReadonlyArray<Page.Page> =>
  ["/admin/", "/admin/orders.html", "/private/stock.html", "/private/offer.html"].map((path) =>
    page(source, path, "Staff only", "<h1>Staff only</h1>", { kind: "disallowed" })
  )

const files = ({ books, origin }: Source): ReadonlyArray<Page.Page> => [
  Page.file("/robots.txt", "support", "text/plain; charset=utf-8", Robots.text(origin)),
  Page.file(
    "/sitemap.xml",
    "support",
    "application/xml",
    `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${books.listed.map((book) => `<url><loc>${origin}${book.path}</loc></url>`).join("\n")}
</urlset>
`
  ),
  Page.file("/static/shop.css", "support", "text/css", "body { max-width: 60em; margin: auto }\n"),
  Page.file("/files/price-list.pdf", "file", "application/pdf", pdf),
  Page.file("/files/catalogue.zip", "disallowed", "application/zip", "PK\u0005\u0006"),
  ...[1, 2, 3, 4].map((number) =>
    Page.file(`/covers/${number}.png`, number === 1 ? "file" : "support", "image/png", png)
  )
]

// Bytes that are no text, with something inside that looks like a link.
const pdf = `%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n<a href="${ghosts[3]}">\n%%EOF\n`

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64"
)
