import { assert, describe } from "vitest"
import { Effect } from "effect"
import { RwLock } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amidAny } from "../support/amid.ts"
import { type Dice, dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"
import { turns } from "../support/turns.ts"
import { visit } from "../support/visit.ts"

const requestsOf = ({ below, random }: Dice, most: number) =>
  Array.from({ length: 2 + below(most - 1) }, (_, index) => {
    const isReader = random() < 0.6
    return {
      name: `${isReader ? "reader" : "writer"} ${index}`,
      // How many readers it shuts out.
      need: isReader ? 1 : Infinity,
      stays: below(3),
      fails: random() < 0.2
    }
  })

const withLock = (lock: RwLock.RwLock, { need }: { readonly need: number }) =>
  need === 1 ? lock.withRead : lock.withWrite

describe("RwLock", () => {
  it.sim("RWL1, RWL2, RWL3: readers, writers and interrupts, in any order", () =>
    Effect.gen(function* () {
      const requests = requestsOf(yield* dice, 12)
      const [lock, line] = [yield* RwLock.make(), yield* makeLine("RwLock")]
      let [readers, writers] = [0, 0]
      const check = Effect.map(lock.snapshot, (snapshot) => {
        const isWritten = snapshot.writer !== undefined
        assert.isTrue(!isWritten || snapshot.readers.length === 0)
        // A reader who is next waits for a writer, a writer for anybody.
        const next = line.next()
        if (next?.need === 1) assert.isTrue(isWritten)
        else if (next !== undefined) assert.isTrue(isWritten || snapshot.readers.length > 0)
        assert.deepStrictEqual(line.ghosts(), [])
      })
      const tasks = requests.map(({ fails, stays, ...request }) => {
        const isReader = request.need === 1
        const count = (by: number) => {
          if (isReader) readers += by
          else writers += by
          assert.isTrue(writers === 0 || (writers === 1 && readers === 0))
        }
        return line.asks(request, (entered) => {
          const enter = () => {
            entered()
            count(1)
          }
          const body = visit({ enter, check, leave: () => count(-1), stays, fails })
          return withLock(lock, request)(body)
        })
      })
      yield* storm(tasks, check)
      assert.deepStrictEqual(line.overtakers(), [])
      assert.deepStrictEqual(yield* lock.snapshot, { readers: [], writer: undefined, waiting: 0 })
    })
  )

  it.sim.everyCancel("RWL3: a waiter that is interrupted at any moment leaves no trace", () =>
    Effect.gen(function* () {
      const lock = yield* RwLock.make()
      const tasks = requestsOf(yield* dice, 5).map((request) =>
        withLock(lock, request)(turns(request.stays))
      )
      return yield* amidAny(tasks, lock.snapshot)
    })
  )
})
