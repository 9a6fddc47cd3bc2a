/** A semaphore: five guests, two seats, and nobody is overtaken. */
import assert from "node:assert/strict"
import { Semaphore, Task } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.gen(function* () {
  const seats = yield* Semaphore.make(2, { name: "seats" })
  const seated: Array<number> = []
  let inside = 0
  let peak = 0

  const meal = (guest: number) =>
    Effect.gen(function* () {
      inside++
      peak = Math.max(peak, inside)
      seated.push(guest)
      yield* Effect.sleep("100 millis")
      inside--
    })

  const guests = [1, 2, 3, 4, 5].map((guest) =>
    meal(guest).pipe(seats.withPermit, Task.named(`guest ${guest}`))
  )
  yield* Task.gather(guests)

  assert.equal(peak, 2)
  assert.deepEqual(seated, [1, 2, 3, 4, 5])
  yield* Console.log("most at once:", peak)
  yield* Console.log("seated in order:", seated.join(" "))
})
