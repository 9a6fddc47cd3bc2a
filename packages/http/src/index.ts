export * as Address from "./Address.ts"
export * as Charset from "./Charset.ts"
export * as FetchError from "./FetchError.ts"
export * as Fetcher from "./Fetcher.ts"
