/** The parts of a URL that never choose the page: what analytics and sessions leave in links. */

// Parameters that analytics tools and mailings add to links.
const trackingNames = new Set(
  (
    "gclid gclsrc dclid gbraid wbraid gad_source srsltid _ga _gl fbclid msclkid yclid ysclid _openstat " +
    "twclid ttclid li_fat_id igshid igsh epik mc_cid mc_eid mkt_tok vero_id oly_anon_id oly_enc_id " +
    "_hsenc _hsmi __hstc __hssc __hsfp"
  ).split(" ")
)
const trackingPrefix = /^utm_[a-z_]+$/

// Names that servers give to sessions, whatever their value.
const sessionNames = new Set(["phpsessid", "jsessionid", "cfid", "cftoken"])
const sessionPrefix = /^aspsessionid[a-z]{8}$/
// Names that mean a session only with a value that no person would choose.
const sessionLikeNames = new Set(
  "sid sess sessid session sessionid session_id oscsid zenid xtcsid".split(" ")
)
const sessionValue = /^[0-9a-f]{16,}$/i
const sessionInPath = /;(?:jsessionid|phpsessid|sid|sessionid)=[^;/]*/gi
// ASP.NET puts sessions without cookies into a segment of their own: /(S(abc))/page
const sessionSegment = /\/\((?:[ASF]\([\w-]{8,}\))+\)(?=\/|$)/g

/** `name` is in lower case. */
export const isTracking = (name: string): boolean =>
  trackingNames.has(name) || (name.startsWith("utm_") && trackingPrefix.test(name))

/** `name` is in lower case. */
export const isSession = (name: string, value: string): boolean =>
  sessionNames.has(name) ||
  (sessionLikeNames.has(name) && sessionValue.test(value)) ||
  (name.startsWith("aspsessionid") && sessionPrefix.test(name))

export const withoutSession = (path: string): string =>
  path.includes(";") || path.includes("(")
    ? path.replace(sessionInPath, "").replace(sessionSegment, "")
    : path
