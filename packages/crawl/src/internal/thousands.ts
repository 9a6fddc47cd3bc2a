/** `1,000`: without the tables of languages, which take 20 ms to load. */
export const thousands = (count: number): string =>
  String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",")
