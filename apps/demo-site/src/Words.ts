/** The vocabulary of the shop. All of it except `worldTitles` fits in ISO 8859-1. */

const words = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

export const categories: ReadonlyArray<string> = [
  "Poetry",
  "Travel",
  "Mystery",
  "History",
  "Science",
  "Cookery",
  "Philosophy",
  "Music",
  "Gardening",
  "Short Stories",
  "Art & Design",
  "Children's Books"
]

export const adjectives = words(`
  Quiet Crooked Silver Forgotten Winter Borrowed Second Hollow Patient Northern Paper Salt
  Distant Burning Green Unlikely Small Broken Last Wandering Glass Invisible Honest
  Midnight
`)

export const nouns = words(`
  Lighthouse Orchard Clockmaker River Atlas Garden Cartographer Harbour Library Fox Island
  Letter Mountain Orchestra Kitchen Bridge Station Comet Mirror Beekeeper Winter Market
  Tide Forest Lantern Archive Telescope Umbrella Translator Sparrow
`)

export const places = words(`
  Lisbon Trieste Aarhus Galway Kyoto Valparaíso Tromsø Cádiz Zürich Bergen Oaxaca Nîmes
  Porto Göteborg Tbilisi Halifax
`)

export const firstNames = words(`
  Ada Benoît Clara Dmitri Elena Fergus Greta Hugo Inês Jonas Katarina Léa Marek Nadia
  Oskar Priya Quentin Rosa Søren Tove
`)

export const lastNames = words(`
  Abbott Brandt Castellanos Dufour Eriksen Fontaine García Hollis Ivarsson Jansen Kowalski
  Lindqvist Müller Novak O'Brien Pereira Quist Rossi Strand Tanaka Urquhart Vidal Whitlock
  Zeller
`)

/** Titles that need ISO 8859-1 or more; used where a charset is to be proved. */
export const latinTitles: ReadonlyArray<string> = [
  "Café Müller",
  "Crème Brûlée für Anfänger",
  "L'Été à Nîmes",
  "Über die Brücke",
  "Señor Núñez & Söhne"
]

/** Titles that need Unicode. */
export const worldTitles: ReadonlyArray<string> = [
  "Ночь в Праге",
  "雪と本屋",
  "Η βιβλιοθήκη",
  "Żółta łódź",
  "Ağaçların Dili"
]

export const openings: ReadonlyArray<string> = [
  "On a wet evening in {place}, a {noun} changes hands for the last time.",
  "Nobody in {place} remembers who built the {noun}.",
  "{name} inherits a {adjective} {noun} and a debt that cannot be paid in money.",
  "For forty years {name} kept one secret: the {noun} was never {adjective} at all.",
  "What does a {noun} owe to the people who look after it?"
]

export const middles: ReadonlyArray<string> = [
  "A letter from {place} puts everything in doubt.",
  "Three strangers arrive with three maps, and no two of them agree.",
  "The author worked for a decade in the archives of {place} to write it.",
  "Told in short chapters, it moves between {place} and the sea.",
  "With a new foreword by {name}."
]

export const closings: ReadonlyArray<string> = [
  "A <em>generous</em>, funny book about starting again.",
  "Shortlisted for the Lanternfish Prize.",
  "Readers who liked it also kept it.",
  "Illustrated; 248 pages; sewn binding.",
  '"I missed my stop twice" - a bookseller.'
]
