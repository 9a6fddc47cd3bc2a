/** What the bytes of a file look like, by its format and its compression. */
import type * as Format from "../Format.ts"
import * as Codec from "./codec.ts"
import type { Shape } from "./wholeRecords.ts"

/** How files are compressed. @since 0.1.0 */
export type Compression = "none" | "gzip" | "zstd"

export const shapeOf = <Row>({
  compression,
  format
}: {
  readonly compression?: Compression | undefined
  readonly format: Format.Format<Row>
}): Shape => ({
  quoted: format.quoted,
  header: format.header,
  codec: codecs[compression ?? "none"]
})

const codecs = { none: undefined, gzip: Codec.gzip, zstd: Codec.zstd }
