/**
 * The facts that google/robotstxt tests its parser by (`robots_test.cc`), as a table.
 *
 * Two of its facts do not carry over: what an empty URL is, since here a URL is a `URL`, and that an
 * unencoded `ツ` in a URL matches nothing, since a `URL` is always encoded. One differs by decision:
 * `%62` and `b` are the same, as RFC 9309 asks and Google's parser leaves to its caller.
 */
interface Vector {
  readonly about: string
  readonly lines: ReadonlyArray<string>
  readonly token: string
  readonly allowed: ReadonlyArray<string>
  readonly disallowed: ReadonlyArray<string>
}

const vector = (
  about: string,
  token: string,
  lines: ReadonlyArray<string>,
  {
    no = [],
    yes = []
  }: { readonly yes?: ReadonlyArray<string>; readonly no?: ReadonlyArray<string> }
): Vector => ({ about, lines, token, allowed: yes, disallowed: no })

const forFoo = (rules: ReadonlyArray<string>) => ["user-agent: FooBot", ...rules]
const groups = [
  "allow: /foo/bar/",
  "",
  "user-agent: FooBot",
  "disallow: /",
  "allow: /x/",
  "user-agent: BarBot",
  "disallow: /",
  "allow: /y/",
  "",
  "",
  "allow: /w/",
  "user-agent: BazBot",
  "",
  "user-agent: FooBot",
  "allow: /z/",
  "disallow: /"
]
const named = (agent: string, allow: string, disallow: string, name: string) => [
  `${agent}: ${name}`,
  `${allow}: /x/`,
  `${disallow}: /`
]
const global = ["user-agent: *", "allow: /", "user-agent: FooBot", "disallow: /"]
const specific = [
  "user-agent: FooBot",
  "allow: /",
  "user-agent: BarBot",
  "disallow: /",
  "user-agent: BazBot",
  "disallow: /"
]
const fooBar = ["User-Agent: *", "Disallow: /", "User-Agent: Foo Bar", "Allow: /x/", "Disallow: /"]
const fishes = ["/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html"]

// A line is read up to 8 times 2,083 bytes, its end included.
const lineMax = 2083 * 8
const long = (name: string, letter: string) => {
  const start = "/x/"
  return start + letter.repeat(lineMax - start.length - name.length + 1 - start.length)
}
const longDisallow = long("disallow: ", "a")
const [longAllowA, longAllowB] = [long("allow: ", "a"), long("allow: ", "b")]

export const vectors: ReadonlyArray<Vector> = [
  vector("no file", "FooBot", [], { yes: ["/"] }),
  vector("no name", "", forFoo(["disallow: /"]), { yes: ["/"] }),
  vector("one group", "FooBot", forFoo(["disallow: /"]), { no: ["/", "/x/y"] }),
  vector("other records", "FooBot", ["foo: FooBot", "bar: /"], { yes: ["/x/y"] }),
  vector("forgotten colons", "FooBot", ["user-agent FooBot", "disallow /"], { no: ["/x/y"] }),
  vector("groups", "FooBot", groups, { yes: ["/x/b", "/z/d"], no: ["/y/c", "/foo/bar/"] }),
  vector("groups", "BarBot", groups, { yes: ["/y/c", "/w/a"], no: ["/z/d", "/foo/bar/"] }),
  vector("groups", "BazBot", groups, { yes: ["/z/d"], no: ["/foo/bar/"] }),
  ...[
    named("USER-AGENT", "ALLOW", "DISALLOW", "FooBot"),
    named("user-agent", "allow", "disallow", "FooBot"),
    named("uSeR-aGeNt", "AlLoW", "dIsAlLoW", "FooBot")
  ].map((lines) => vector("names of records", "FooBot", lines, { yes: ["/x/y"], no: ["/a/b"] })),
  ...["FOO BAR", "foo bar", "FoO bAr"].flatMap((name) =>
    ["Foo", "foo"].map((token) =>
      vector("case of names", token, named("User-Agent", "Allow", "Disallow", name), {
        yes: ["/x/y"],
        no: ["/a/b"]
      })
    )
  ),
  vector("a name ends at the first space", "Foo", fooBar, { yes: ["/x/y"] }),
  vector("a name with a space is nobody's", "Foo Bar", fooBar, { no: ["/x/y"] }),
  vector("the group for all", "FooBot", global, { no: ["/x/y"] }),
  vector("the group for all", "BarBot", global, { yes: ["/x/y"] }),
  vector("only other groups", "QuxBot", specific, { yes: ["/x/y"] }),
  vector("case of paths", "FooBot", forFoo(["disallow: /x/"]), { no: ["/x/y"] }),
  vector("case of paths", "FooBot", forFoo(["disallow: /X/"]), { yes: ["/x/y"] }),
  vector("longest", "FooBot", forFoo(["disallow: /x/page.html", "allow: /x/"]), {
    no: ["/x/page.html"]
  }),
  vector("longest", "FooBot", forFoo(["allow: /x/page.html", "disallow: /x/"]), {
    yes: ["/x/page.html"],
    no: ["/x/"]
  }),
  vector("nothing said", "FooBot", forFoo(["disallow: ", "allow: "]), { yes: ["/x/page.html"] }),
  vector("a tie", "FooBot", forFoo(["disallow: /", "allow: /"]), { yes: ["/x/page.html"] }),
  vector("longest", "FooBot", forFoo(["disallow: /x", "allow: /x/"]), {
    no: ["/x"],
    yes: ["/x/"]
  }),
  vector("a tie", "FooBot", forFoo(["disallow: /x/page.html", "allow: /x/page.html"]), {
    yes: ["/x/page.html"]
  }),
  vector("longest", "FooBot", forFoo(["allow: /page", "disallow: /*.html"]), {
    no: ["/page.html"],
    yes: ["/page"]
  }),
  vector("longest", "FooBot", forFoo(["allow: /x/page.", "disallow: /*.html"]), {
    yes: ["/x/page.html"],
    no: ["/x/y.html"]
  }),
  vector(
    "the own group only",
    "FooBot",
    ["User-agent: *", "Disallow: /x/", "User-agent: FooBot", "Disallow: /y/"],
    { yes: ["/x/page"], no: ["/y/page"] }
  ),
  vector(
    "reserved characters",
    "FooBot",
    forFoo(["Disallow: /", "Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par"]),
    { yes: ["/foo/bar?qux=taz&baz=http://foo.bar?tar&par"] }
  ),
  vector("three bytes", "FooBot", forFoo(["Disallow: /", "Allow: /foo/bar/ツ"]), {
    yes: ["/foo/bar/%E3%83%84"]
  }),
  vector("three bytes", "FooBot", forFoo(["Disallow: /", "Allow: /foo/bar/%E3%83%84"]), {
    yes: ["/foo/bar/%E3%83%84"]
  }),
  vector("encoded letters", "FooBot", forFoo(["Disallow: /", "Allow: /foo/bar/%62%61%7A"]), {
    yes: ["/foo/bar/%62%61%7A", "/foo/bar/baz"]
  }),
  vector("star", "FooBot", forFoo(["Disallow: /foo/bar/quz", "Allow: /foo/*/qux"]), {
    no: ["/foo/bar/quz"],
    yes: ["/foo/quz", "/foo//quz", "/foo/bax/quz"]
  }),
  vector("end", "FooBot", forFoo(["Disallow: /foo/bar$", "Allow: /foo/bar/qux"]), {
    no: ["/foo/bar"],
    yes: ["/foo/bar/qux", "/foo/bar/", "/foo/bar/baz"]
  }),
  vector("comments", "FooBot", forFoo(["# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"]), {
    yes: ["/foo/bar"],
    no: ["/foo/quz"]
  }),
  vector(
    "an index is its folder",
    "foobot",
    ["User-Agent: *", "Allow: /allowed-slash/index.html", "Disallow: /"],
    {
      yes: ["/allowed-slash/", "/allowed-slash/index.html"],
      no: ["/allowed-slash/index.htm", "/anyother-url"]
    }
  ),
  vector("long lines", "FooBot", forFoo([`disallow: ${longDisallow}/qux`]), {
    yes: ["/fux"],
    no: [`${longDisallow}/fux`]
  }),
  vector(
    "long lines",
    "FooBot",
    forFoo(["disallow: /", `allow: ${longAllowA}/qux`, `allow: ${longAllowB}/qux`]),
    { no: ["/"], yes: [`${longAllowA}/qux`, `${longAllowB}/fux`] }
  ),
  ...["/fish", "/fish*"].map((pattern) =>
    vector(`prefix ${pattern}`, "FooBot", forFoo(["disallow: /", `allow: ${pattern}`]), {
      yes: [...fishes, "/fish.html?id=anything"],
      no: ["/bar", "/Fish.asp", "/catfish", "/?id=fish"]
    })
  ),
  vector("a folder", "FooBot", forFoo(["disallow: /", "allow: /fish/"]), {
    yes: ["/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"],
    no: ["/bar", "/fish", "/fish.html", "/Fish/Salmon.html"]
  }),
  vector("a suffix", "FooBot", forFoo(["disallow: /", "allow: /*.php"]), {
    yes: [
      "/filename.php",
      "/folder/filename.php",
      "/folder/filename.php?parameters",
      "//folder/any.php.file.html",
      "/filename.php/",
      "/index?f=filename.php/"
    ],
    no: ["/bar", "/php/", "/index?php", "/windows.PHP"]
  }),
  vector("a suffix at the end", "FooBot", forFoo(["disallow: /", "allow: /*.php$"]), {
    yes: ["/filename.php", "/folder/filename.php"],
    no: [
      "/bar",
      "/filename.php?parameters",
      "/filename.php/",
      "/filename.php5",
      "/php/",
      "/filename?php",
      "/aaaphpaaa",
      "//windows.PHP"
    ]
  }),
  vector("prefix and suffix", "FooBot", forFoo(["disallow: /", "allow: /fish*.php"]), {
    yes: ["/fish.php", "/fishheads/catfish.php?parameters"],
    no: ["/bar", "/Fish.PHP"]
  }),
  vector("precedence", "FooBot", forFoo(["allow: /p", "disallow: /"]), { yes: ["/page"] }),
  vector("precedence", "FooBot", forFoo(["allow: /folder", "disallow: /folder"]), {
    yes: ["/folder/page"]
  }),
  vector("precedence", "FooBot", forFoo(["allow: /page", "disallow: /*.htm"]), {
    no: ["/page.htm"]
  }),
  vector("precedence", "FooBot", forFoo(["allow: /$", "disallow: /"]), {
    yes: ["/"],
    no: ["/page.html"]
  })
]
