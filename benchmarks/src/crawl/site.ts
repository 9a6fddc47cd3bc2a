/** The site that all crawl: the same pages each time, and what is to be found on them. */

export interface Site {
  readonly pages: number
  readonly bytesPerPage: number
  /** How long the server waits before each answer. */
  readonly latencyMillis: number
  /** Addresses that it listens on, each a host of its own with all of the pages. Default: the first one. */
  readonly hosts?: ReadonlyArray<string>
}

/** What a crawler writes about a page. */
export interface Row {
  readonly url: string
  readonly title: string
  readonly price: string
}

export const robots = "User-agent: *\nDisallow: /private/\n"

const linksPerPage = 20

/** Sections have names, and few pages: large numbers look like those of a calendar, which is a trap. */
const pagesPerSection = 1_000
const letters = "abcdefghij"

const pathOf = (page: number): string => {
  const section = [...String(Math.floor(page / pagesPerSection))]
  return `/${section.map((digit) => letters[+digit]).join("")}/${page % pagesPerSection}`
}

/** The page of a path, if it is one. */
export const pageAt = ({ pages }: Site, path: string): number | undefined => {
  const [, section = "", number = ""] = /^\/([a-j]+)\/(\d+)$/.exec(path) ?? []
  const digits = [...section].map((letter) => letters.indexOf(letter)).join("")
  const page = Number(digits) * pagesPerSection + Number(number)
  return page < pages && path === pathOf(page) ? page : undefined
}

export const startPath = pathOf(0)

const titleOf = (page: number): string => `Product ${page} & its friends`

const priceOf = (page: number): string => `${(page * 7) % 900}.${10 + (page % 90)}`

/**
 * A tree, so that every page is found, with all that is in a shop around it: a way home, a link that
 * robots.txt forbids, and text.
 */
export const htmlOf = ({ bytesPerPage, pages }: Site, page: number): string => {
  const links = Array.from(
    { length: linksPerPage - 1 },
    (_, link) => (page * (linksPerPage - 1) + link + 1) % pages
  )
  const items = links.map(
    (target) => `<li class="item"><a href="${pathOf(target)}">Product ${target}</a></li>`
  )
  const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Product ${page} &amp; its friends</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<nav><a href="${pathOf(0)}">Home</a> <a href="/private/${page}">Account</a></nav>
<h1>Product ${page}</h1>
<p>It costs <span class="price">${priceOf(page)}</span> only.</p>
<ul class="items">
${items.join("\n")}
</ul>
`
  const foot = "</body>\n</html>\n"
  return head + textOf(page, bytesPerPage - head.length - foot.length) + foot
}

const words =
  "a long time ago in the shop of the small town every thing had one name and one price only so that nobody asked "

const paragraphs = Array.from(
  { length: 97 },
  (_, index) =>
    `<p id="p${index}">${words.slice(index)}<b>${words.slice(0, index + 1)}</b> ${words}</p>\n`
)

const textOf = (page: number, bytes: number): string => {
  let text = ""
  for (let index = page; text.length < bytes; index++) text += paragraphs[index % paragraphs.length]
  return text
}

export const rowOf = (origin: string, page: number): Row => ({
  url: origin + pathOf(page),
  title: titleOf(page),
  price: priceOf(page)
})
