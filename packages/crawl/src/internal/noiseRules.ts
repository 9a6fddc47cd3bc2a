/** The parts of a URL that never choose the page: what analytics and sessions leave in links. */

// Parameters that analytics tools and mailings add to links.
const trackingName =
  /^(utm_[a-z_]+|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|srsltid|_ga|_gl|fbclid|msclkid|yclid|ysclid|_openstat|twclid|ttclid|li_fat_id|igshid|igsh|epik|mc_[ce]id|mkt_tok|vero_id|oly_(anon|enc)_id|_hsenc|_hsmi|__hs(tc|sc|fp))$/i

// Names that servers give to sessions, whatever their value.
const sessionName = /^(phpsessid|jsessionid|aspsessionid[a-z]{8}|cfid|cftoken)$/i
// Names that mean a session only with a value that no person would choose.
const sessionLikeName = /^(sid|sess|sessid|session|session_?id|oscsid|zenid|xtcsid)$/i
const sessionValue = /^[0-9a-f]{16,}$/i
const sessionInPath = /;(?:jsessionid|phpsessid|sid|sessionid)=[^;/]*/gi
// ASP.NET puts sessions without cookies into a segment of their own: /(S(abc))/page
const sessionSegment = /\/\((?:[ASF]\([\w-]{8,}\))+\)(?=\/|$)/g

export const isTracking = (name: string): boolean => trackingName.test(name)

export const isSession = (name: string, value: string): boolean =>
  sessionName.test(name) || (sessionLikeName.test(name) && sessionValue.test(value))

export const withoutSession = (path: string): string =>
  path.includes(";") || path.includes("(")
    ? path.replace(sessionInPath, "").replace(sessionSegment, "")
    : path
