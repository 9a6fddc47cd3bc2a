/** The page of a book, in the markup and the bytes that its delivery asks for. */
import type * as Books from "./Books.ts"
import * as Html from "./Html.ts"
import * as Page from "./Page.ts"
import { categoryPath, type Source } from "./ShopPages.ts"
import * as Words from "./Words.ts"

export const make = (source: Source): ReadonlyArray<Page.Page> => [
  ...source.books.allowed.map((book) => bookPage(source, book, "book")),
  ...source.books.restricted.map((book) => bookPage(source, book, "disallowed"))
]

const slowMillis = 1500

const bookPage = (source: Source, book: Books.Book, kind: Page.Kind): Page.Page => ({
  path: book.path,
  kind,
  answer: () => ({ status: 200, contentType: Page.utf8Html, ...deliver(source, book) })
})

const deliver = (
  source: Source,
  book: Books.Book
): Partial<Page.Answer> & { readonly body: Uint8Array } => {
  const text = (head?: string) => tidy(source, book, head)
  switch (book.delivery) {
    case "plain":
      return { body: Buffer.from(text()) }
    case "gzip":
    case "deflate":
    case "br":
      return { body: Buffer.from(text()), encoding: book.delivery }
    case "latin1":
      return { body: latin1(text("")), contentType: "text/html; charset=iso-8859-1" }
    case "metaCharset":
      return {
        body: latin1(
          text('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">')
        ),
        contentType: "text/html"
      }
    case "byteOrderMark":
      return { body: Buffer.from(`\uFEFF${text("")}`), contentType: "text/html" }
    case "slow":
      return { body: Buffer.from(text()), delayMillis: slowMillis }
    case "messy":
      return { body: Buffer.from(messy(source, book)) }
  }
}

/** Bytes in ISO 8859-1; what it lacks becomes a numeric reference. */
const latin1 = (text: string): Uint8Array =>
  Buffer.from(
    text.replaceAll(/[^\0-\xff]/gu, (character) => `&#${character.codePointAt(0)};`),
    "latin1"
  )

const tidy = ({ books, origin, seed }: Source, book: Books.Book, head: string | undefined) => {
  const page = Html.context(origin, seed, book.path)
  const related = Array.from({ length: 4 }, () => page.prng.pick(books.listed))
  if (page.prng.onceIn(9)) related.push(page.prng.pick(books.restricted))
  return Html.document(
    page,
    book.title,
    `<article>
${facts(page, book)}
<p>By <b>${Html.escape(book.author)}</b>, in
${Html.link(page, categoryPath(book.category), book.category, "relative")}.</p>
<p class="description">${blurb(page)}</p>
<img src="/covers/${1 + page.prng.int(4)}.png" alt="">
</article>
<h2>Related books</h2>
<ul class="related">
${related.map((other) => `  <li>${Html.link(page, other.path, other.title)} <span class="price">${other.price}</span></li>`).join("\n")}
</ul>
<h2 id="reviews">Reviews</h2>
<p>No reviews yet. <a href="#reviews">Write one</a>.</p>`,
    head === undefined ? {} : { head }
  )
}

/** The three facts that a crawler extracts, in one of several spellings of the same content. */
const facts = (page: Html.Context, { price, stock, title }: Books.Book): string => {
  switch (page.prng.int(4)) {
    case 0:
      return `<h1>${Html.escape(title)}</h1>
<p class="price">${price}</p>
<p class="stock">${stock}</p>`
    case 1:
      return `<h1 class=title>${firstWordMarked(title)}</h1>
<div><p class='price'>${price.replace("£", "&pound;")}</p><p class='stock'>${stock}</p></div>`
    case 2:
      return `<H1>${Html.escape(title)}</H1>
<P CLASS="stock availability">${stock}</P>
<P CLASS="price sale">${price.replace("£", "&#163;")}</P>`
    default:
      return `<!-- <h1>Draft</h1> <p class="price">£0.00</p> -->
<h1>${Html.escape(title)}</h1>
<p id="p" class="price">${price.replace("£", "&#xA3;")}</p>
<p class="stock"><span>${stock}</span></p>`
  }
}

const firstWordMarked = (title: string) => {
  const [first = "", ...others] = title.split(" ")
  return `<em>${Html.escape(first)}</em>${others.map((word) => ` ${Html.escape(word)}`).join("")}`
}

const blurb = (page: Html.Context) => {
  const sentences = [Words.openings, Words.middles, Words.closings].map(page.prng.pick)
  return sentences
    .join(" ")
    .replaceAll("{place}", () => page.prng.pick(Words.places))
    .replaceAll("{noun}", () => page.prng.pick(Words.nouns).toLowerCase())
    .replaceAll("{adjective}", () => page.prng.pick(Words.adjectives).toLowerCase())
    .replaceAll(
      "{name}",
      () => `${page.prng.pick(Words.firstNames)} ${page.prng.pick(Words.lastNames)}`
    )
}

/** Wrong in a dozen ways, none of which changes what a browser shows. */
const messy = ({ books, origin, seed }: Source, book: Books.Book) => {
  const page = Html.context(origin, seed, book.path)
  const related = Array.from({ length: 3 }, () => page.prng.pick(books.listed))
  return `<TITLE>${Html.escape(book.title)}</TITLE>
<body bgcolor=white></center></p>
<h1 class=title class=second>${Html.escape(book.title)}</h1>
<p class=price>${book.price}<p class=stock>${book.stock}
<p>By ${Html.escape(book.author)} & friends < all of them >
<table><tr><td>Weight<td>300 g<tr><td>Pages<td>248</div>
</table><ul>${related.map((other) => `<li>${Html.link(page, other.path, other.title, "absolutePath")}`).join("\n")}
</ul></section><p><b><i>Signed copies</b></i> on request`
}
