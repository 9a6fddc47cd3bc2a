/** Names the kind of a failed fetch in two or three words, to count failures by. */
import type * as FetchError from "@fibra/http/FetchError"

export const causeOf = (error: FetchError.FetchError): string => {
  switch (error._tag) {
    case "AddressRefused":
      return `${error.kind} address refused`
    case "TransportFailed":
      return transportCauses[error.code ?? ""] ?? "no connection"
    case "TlsFailed":
      return error.isCertificate ? "certificate refused" : "no TLS"
    case "FetchTimedOut":
      return "timed out"
    case "BodyTooLarge":
      return "body too large"
    case "BodyUndecodable":
      return "damaged body"
  }
}

const transportCauses: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  UND_ERR_SOCKET: "connection reset",
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  UND_ERR_CONNECT_TIMEOUT: "timed out",
  ETIMEDOUT: "timed out",
  PROXY_UNREACHABLE: "proxy not reachable",
  PROXY_REFUSED: "refused by the proxy"
}
