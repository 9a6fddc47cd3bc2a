/** What a file is by its name, where no flag says it: `rows.csv.gz` is CSV, compressed with gzip. */
import type { FileSink } from "@fibra/files"

/** The manifest of a file says what the file is. */
const nameOf = (path: string) => path.toLowerCase().replace(/\.manifest\.jsonl$/, "")

export const compressionOf = (path: string): FileSink.Compression => {
  const name = nameOf(path)
  if (name.endsWith(".gz")) return "gzip"
  return name.endsWith(".zst") ? "zstd" : "none"
}

export const formatOf = (path: string): "jsonl" | "csv" | "parquet" => {
  const name = nameOf(path).replace(/\.(gz|zst)$/, "")
  if (name.endsWith(".csv")) return "csv"
  return name.endsWith(".parquet") ? "parquet" : "jsonl"
}

/** The end of a flag's description. */
export const byName = {
  format: "(default: by the name, .csv or .parquet, otherwise jsonl)",
  compress: "(default: by the name, .gz or .zst, otherwise none)"
}
