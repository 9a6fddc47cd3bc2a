/** Tells an exchange what undici receives. */
import type * as Undici from "undici"
import type { Exchange, RawHeaders } from "./exchange.ts"

type Controller = Undici.Dispatcher.DispatchController

/** A class, for one is made for each request: its methods are shared. */
export class UndiciHandler implements Undici.Dispatcher.DispatchHandler {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  onRequestStart(controller: Controller): void {
    this.#exchange.begun((reason) => controller.abort(reason))
  }

  onResponseStart(
    { rawHeaders }: Controller,
    status: number,
    headers: RawHeaders,
    statusText?: string
  ): void {
    const lines = Array.isArray(rawHeaders) ? rawHeaders : undefined
    this.#exchange.head(status, headers, statusText, lines)
  }

  onResponseData(_: Controller, chunk: Uint8Array): void {
    this.#exchange.data(chunk)
  }

  onResponseEnd(): void {
    this.#exchange.end()
  }

  onResponseError(_: Controller, error: Error): void {
    this.#exchange.failed(error)
  }
}
