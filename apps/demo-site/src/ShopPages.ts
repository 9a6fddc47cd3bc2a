/** The ordinary pages: home, catalogue, categories, searches. */
import * as Books from "./Books.ts"
import * as Html from "./Html.ts"
import * as Page from "./Page.ts"
import * as Words from "./Words.ts"

/** What every page of one shop is made from. */
export interface Source {
  readonly origin: string
  readonly seed: number
  readonly books: Books.Books
}

const booksPerPage = 20
/** A category page shows this many books; the catalogue has the others. */
const booksPerCategory = 60

export const make = (source: Source): ReadonlyArray<Page.Page> => [
  home(source),
  Page.redirect("/index.html", 301, "/"),
  ...catalogue(source),
  ...Words.categories.flatMap((name) => category(source, name)),
  ...searches(source)
]

const home = ({ books, origin, seed }: Source) =>
  Page.html("/", "html", () => {
    const page = Html.context(origin, seed, "/")
    const featured = Array.from({ length: 6 }, () => page.prng.pick(books.listed))
    return Html.document(
      page,
      "New and second-hand books",
      `<h1>Lanternfish Books</h1>
<p>${books.listed.length} books in the <a href="catalogue/page-1.html">catalogue</a>,
and a <a href="./index.html">home page</a> that you are on.</p>
<h2>Categories</h2>
${Html.list(Words.categories.map((name, index) => categoryLink(page, name, index)))}
<h2>Featured</h2>
${Html.list(featured.map((book) => Html.link(page, book.path, book.title, "tracking")))}
<h2>Shelves</h2>
${Html.list([
  '<a href="/shelves/staff-picks.html">Staff picks</a>',
  '<a href="/shelves/new-arrivals.html">New arrivals</a>',
  '<a href="/shelves/one-book.html">One book, many roads</a>',
  '<a href="/shelves/odds-and-ends.html">Odds and ends</a>',
  '<a href="/search?q=winter&amp;in=title">About winter</a>',
  '<a href="/search?q=fox&amp;in=title&amp;utm_medium=home">About foxes</a>'
])}
<h2>Links from our old site</h2>
${Html.list(oldLinks.map((id) => `<a href="/old/${id}">Item ${id}</a>`))}`
    )
  })

/** Numbers under `/old/` that the home page links to. */
export const oldLinks: ReadonlyArray<number> = Array.from({ length: 12 }, (_, index) => index + 1)

// A category has three addresses, and two of them redirect to the third.
const categoryLink = (page: Html.Context, name: string, index: number) => {
  const path = categoryPath(name)
  const addresses = [path, `${path}index.html`, path.slice(0, -1)]
  return Html.link(page, addresses[index % addresses.length]!, name, "relative")
}

export const categoryPath = (name: string): string => `/category/${Books.slug(name)}/`

const cataloguePath = (number: number) => `/catalogue/page-${number}.html`

const catalogue = ({ books, origin, seed }: Source) => {
  const count = Math.ceil(books.listed.length / booksPerPage)
  const make = (number: number) =>
    Page.html(cataloguePath(number), "html", () => {
      const page = Html.context(origin, seed, cataloguePath(number))
      const shown = books.listed.slice((number - 1) * booksPerPage, number * booksPerPage)
      // Long steps keep the last page a few links away from the first, whatever the size.
      const others = [1, 3, 10, 30, 100, 300].flatMap((step) => [number - step, number + step])
      const links = others
        .filter((other) => other >= 1 && other <= count)
        .map((other) => Html.link(page, cataloguePath(other), pageLabel(number, other), "relative"))
      // Every page shows a restricted book at least, and every one of them is on some page.
      const cycle = Math.min(count, books.restricted.length)
      const restricted = books.restricted.filter((book) => (book.id - number) % cycle === 0)
      const forTrade = restricted.map((book) => Html.link(page, book.path, book.title))
      return Html.document(
        page,
        `All books, page ${number}`,
        `<h1>All books</h1>
<p>Page ${number} of ${count}. Sorted by shelf;
<a href="?sort=price">by price</a>, <a href="?sort=title">by title</a>.</p>
<ol>
${shown.map((book) => `  <li>${shelfEntry(page, book)}</li>`).join("\n")}
</ol>
<p class="pager">${links.join(" ")}</p>
<aside>For the trade: ${forTrade.join(", ")}</aside>`
      )
    })
  const sorted = (number: number) =>
    ["price", "title"].map((key) => {
      const path = `${cataloguePath(number)}?sort=${key}`
      const page = Html.context(origin, seed, path)
      return Page.html(path, "disallowed", () =>
        Html.document(page, `Sorted by ${key}`, "<h1>All books</h1>")
      )
    })
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((number) => [
    make(number),
    ...sorted(number)
  ])
}

const pageLabel = (here: number, other: number) =>
  other === here + 1 ? "next" : other === here - 1 ? "previous" : `page ${other}`

const shelfEntry = (page: Html.Context, book: Books.Book) =>
  `${Html.link(page, book.path, book.title)} by ${Html.escape(book.author)}, ${book.price}`

const category = ({ books, origin, seed }: Source, name: string) => {
  const path = categoryPath(name)
  const page = Page.html(path, "html", () => {
    const page = Html.context(origin, seed, path)
    const shown = books.listed.filter((book) => book.category === name)
    return Html.document(
      page,
      name,
      `<h1>${Html.escape(name)}</h1>
<p>The most recent of ${shown.length} books.</p>
${Html.list(shown.slice(0, booksPerCategory).map((book) => shelfEntry(page, book)))}
<p><a href="../../catalogue/page-1.html#top">All books</a></p>`
    )
  })
  return [
    page,
    Page.redirect(path.slice(0, -1), 301, path),
    Page.redirect(`${path}index.html`, 301, "./")
  ]
}

const searches = ({ books, origin, seed }: Source) =>
  ["winter", "fox"].map((word) => {
    const path = `/search?q=${word}&in=title`
    return Page.html(path, "html", () => {
      const page = Html.context(origin, seed, path)
      const found = books.listed.filter((book) => book.title.toLowerCase().includes(word))
      return Html.document(
        page,
        `Books about ${word}`,
        `<h1>Found: ${word}</h1>
${Html.list(found.slice(0, booksPerPage).map((book) => shelfEntry(page, book)))}`
      )
    })
  })
