/** Pages as they are found: odd ones written by hand, and any number of made-up ones with mistakes. */

/** Each is a page of real-life mistakes; browsers agree on the links of all of them. */
export const oddPages: ReadonlyArray<readonly [about: string, html: string]> = [
  ["nothing", ""],
  ["text only", "just text < and > & \0"],
  ["no quotes", "<a href=a.html>a</a><a href=b.html/>b</a><a href=c.html?x=1&y=2>c"],
  ["other quotes", `<a href='a"b'>x</a><a href="a'b">x</a><a href=a"b'c>x</a>`],
  ["spaces", `<a  href = "a" >x</a\n><a\nhref\n=\n'b'>x</a><a\thref="c"\f>x</a>`],
  ["spaces inside", `<a href=" a b ">x</a><a href="a\nb">x</a><a href="\ta">x</a>`],
  ["case", `<A HREF=a>x</A><a Href=b>x</a><AREA hReF=c>`],
  ["no value", `<a href>x</a><a href=>x</a><a href="">x</a><a name=x>x</a>`],
  ["twice", `<a href=a href=b>x</a><a HREF=a href=b>x</a>`],
  ["no end of links", `<a href=a>one<a href=b>two<a href=c>three`],
  ["ends without links", `</a></a><a href=a>x</a></a></p></div></body></html><a href=b>y</a>`],
  ["entities", `<a href="?a=1&amp;b=2&copy=3&copy;=4&#x41;&#66;&lt">x</a>`],
  ["entities without end", `<a href="?a=1&ampb=2&amp">x</a><a href=?x&notit;&lang=de>x</a>`],
  ["odd entities", `<a href="&#0;&#x110000;&#xD800;&#128;&#;&#x;&nosuch;">x</a>`],
  ["comment", `<!-- <a href=no> --><a href=a>x</a><!-- -- > <a href=no> --><a href=b>`],
  [
    "odd comments",
    `<!--><a href=a><!---><a href=b><!--x--!><a href=c><!-><a href=no1><!><a href=d>`
  ],
  ["comment without end", `<a href=a><!-- <a href=no>`],
  ["processing", `<?php echo "<a href=no1>"; ?><a href=a>x</a><?xml version="1.0"?><a href=b>`],
  ["declaration", `<!DOCTYPE html PUBLIC "-//W3C//DTD"><a href=a><!ELEMENT x><a href=b>`],
  ["CDATA", `<![CDATA[<a href=a>x</a>]]><a href=b>x</a>`],
  ["script", `<script>document.write("<a href=no>x</a>")</script><a href=a>x</a>`],
  ["script in a script", `<script><!-- <script> <a href=no> </script> --></script><a href=a>`],
  ["script end in a string", `<script>x = "</scr" + "ipt><a href=no>"</script><a href=a>`],
  ["script without end", `<a href=a><script>"<a href=no>"`],
  ["style", `<style>a::after{content:"<a href=no>"}</style><a href=a>`],
  ["textarea", `<textarea><a href=no></textarea><a href=a>`],
  ["title", `<title><a href=no></title><a href=a>`],
  ["iframe text", `<iframe src=x><a href=no></iframe><a href=a>`],
  ["noframes", `<noframes><a href=no></noframes><a href=a>`],
  ["xmp", `<xmp><a href=no></xmp><a href=a>`],
  ["noscript", `<noscript><a href=a>x</a></noscript><a href=b>`],
  ["plaintext", `<a href=a><plaintext><a href=no>`],
  ["half a tag", `<a href=a>x</a><a href="b`],
  ["half a name", `<a href=a>x</a><a hre`],
  ["lost quote", `<a href="a>x</a><a href="b">y</a>`],
  ["lost bracket", `<a href=a <b>x</b><a href=b>y</a>`],
  ["two brackets", `<<a href=a>>x</a>><a href=b>`],
  ["no tag", `< a href=no>x</a><1 href=no><a href=a>`],
  ["slashes", `<a/href=a/>x</a><a / href="b"/>y</a><//a href=no><a href=c>`],
  ["glued attributes", `<a class="x"href="a"id=y>x</a><a class=x'href=no>y</a>`],
  ["odd attributes", `<a ="x" href=a "y" 'z' =href=no>x</a><a <href=no href=b>`],
  ["upper closing", `<SCRIPT>"<a href=no>"</SCRIPT ><a href=a>`],
  ["table", `<table><a href=a>x</a><tr><a href=b>y</a><td><a href=c>z</a></table><a href=d>`],
  ["nested tables", `<table><td><table><a href=a><td><a href=b></table></table>`],
  ["form in a table", `<table><form><a href=a><tr><td></form><a href=b></table>`],
  ["list", `<ul><li><a href=a>x<li><a href=b>y</ul></a><dl><dt><a href=c><dd><a href=d></dl>`],
  ["misnested", `<b><a href=a><i>x</b></a></i><p><a href=b><div><a href=c></p></div>`],
  ["links in links", `<a href=a><div><a href=b><span><a href=c></span></div></a>`],
  ["head", `<head><a href=a></head><body><a href=b></body><a href=c></html><a href=d>`],
  ["two bodies", `<body><a href=a></body><body class=x><a href=b></body>`],
  ["map", `<map name=m><area href=a shape=rect><area href=b></map><img usemap=#m>`],
  ["buttons", `<button><a href=a>x</button><label><a href=b></label>`],
  ["svg", `<svg><a href=a><text>x</text></a><title>b</title></svg><a href=c>`],
  ["math", `<math><mi><a href=a></mi></math><a href=b>`],
  ["object", `<object data=x><param name=y><a href=a></object><video><a href=b></video>`],
  [
    "ruby and other inline",
    `<ruby><a href=a>x<rt><a href=b></ruby><font color=red><a href=c></font>`
  ],
  ["a null", `<a href="a\0b">x</a><a\0 href=no><a href=c>`],
  ["other scripts", `<a href="/日本語?q=ü">x</a><a href='مرحبا'>y</a><a href="😀">z</a>`],
  ["other attributes first", `<a data-href=no title="href=no" onclick='href="no"' href=a>x</a>`],
  ["long", `<a title="${"x".repeat(100_000)}" href=a>x</a>`],
  [
    "details",
    `<details><summary><a href=a></summary><a href=b></details><dialog><a href=c></dialog>`
  ]
]

/** A page of links, text and mistakes that depends on the seed alone. */
export const generatePage = (seed: number): string => {
  let state = Math.imul(seed + 1, 2654435761)
  const next = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 16) % bound
  }
  const pick = <A>(list: ReadonlyArray<A>): A => list[next(list.length)]!
  let links = 0
  const href = () => pick(hrefs) + String(links++)
  const attributes = () =>
    Array.from({ length: next(3) }, () => ` ${pick(attributeTexts)}`).join("")
  const link = () => {
    const quote = pick(["", "'", '"', '"', '"'])
    const space = pick([" ", "  ", "\n", "\t"])
    const end = pick(["</a>", "</a>", "</a>", "</A >", ""])
    return `<a${attributes()}${space}href=${quote}${href()}${quote}${attributes()}>${text()}${end}`
  }
  const text = () => Array.from({ length: next(6) }, () => pick(texts)).join(" ")
  const element = (depth: number): string => {
    const kind = next(10)
    if (depth > 5 || kind < 3) return text()
    if (kind < 7) return link()
    if (kind === 7) return pick(asides)
    const name = pick(containers)
    const end = next(8) === 0 ? "" : `</${name}>`
    return `<${name}${attributes()}>${body(depth + 1)}${end}`
  }
  const body = (depth: number): string =>
    Array.from({ length: 1 + next(5) }, () => element(depth)).join(pick(["", " ", "\n"]))
  const page = `<!doctype html><title>${text()}</title>${body(0)}${body(0)}${body(0)}`
  return next(2) === 0 ? page : spoil(page, 1 + next(12), next)
}

/** Takes out, puts in or doubles a few characters. */
const spoil = (page: string, mistakes: number, next: (bound: number) => number): string => {
  let spoiled = page
  for (let mistake = 0; mistake < mistakes; mistake++) {
    const at = next(spoiled.length)
    const [before, after] = [spoiled.slice(0, at), spoiled.slice(at)]
    const kind = next(3)
    if (kind === 0) spoiled = before + after.slice(1 + next(3))
    else if (kind === 1) spoiled = before + "<>\"'/=&! -"[next(10)]! + after
    else spoiled = before + after.slice(0, 5) + after
  }
  return spoiled
}

const hrefs = [
  "/",
  "page",
  "../up/",
  "?q=1&amp;p=",
  "?a=1&b=",
  "http://other.example/",
  "#part",
  "mailto:x@y.example?",
  "//cdn.example/",
  "/a%20b/",
  "/ü/"
]
const attributeTexts = [
  "class=x",
  'class="a b"',
  "id='i'",
  "hidden",
  'title="a > b"',
  "data-x=1&y",
  'style="color:red"',
  "onclick='go(\"x\")'",
  'rel="noopener"',
  "target=_blank"
]
const texts = [
  "word",
  "two words",
  "&amp;",
  "&eacute;",
  "a & b",
  "3 < 4",
  "&nbsp;",
  "x&y;",
  "&#8211;",
  "日本"
]
const containers = [
  "div",
  "p",
  "ul",
  "li",
  "span",
  "b",
  "em",
  "h2",
  "section",
  "nav",
  "blockquote",
  "td",
  "font"
]
const asides = [
  "<br>",
  "<hr/>",
  "<img src=x.png alt='<a>'>",
  "<!-- <a href=no> -->",
  "<script>'<a href=no>'</script>",
  "<style>a{b:'<a href=no>'}</style>",
  "<textarea><a href=no></textarea>",
  "<input value='>'>",
  "<map><area href=area></map>",
  "<table><tr><td>x</table>",
  "<noscript><a href=noscript>x</a></noscript>"
]
