/**
 * The keys that were met most recently, so that a link that is on every page costs no look into the store.
 *
 * It forgets, and never errs: a key that it has is known, and of one that it has not nothing is said.
 */

/** Keys of one generation; there are two. */
const generationMax = 32_768

export class SeenKeys {
  #young = new Set<string>()
  #old = new Set<string>()
  #hasForgotten = false

  /** Until then it has all keys that were ever added. */
  get hasForgotten(): boolean {
    return this.#hasForgotten
  }

  has(key: string): boolean {
    if (this.#young.has(key)) return true
    if (!this.#old.has(key)) return false
    this.add(key)
    return true
  }

  add(key: string): void {
    if (this.#young.size >= generationMax) {
      this.#hasForgotten ||= this.#old.size > 0
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(key)
  }
}
