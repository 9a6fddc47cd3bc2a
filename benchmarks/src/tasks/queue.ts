/** A bounded queue between producers and consumers. */
import * as WorkQueue from "@fibra/tasks/WorkQueue"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import fastq from "fastq"
import PQueue from "p-queue"
import type { Body, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { sizes, warmed } from "./sizes.ts"
import { range, timed } from "./rounds.ts"

const capacity = 16

/** Counts what consumers got. The sum shows that they got each of the numbers from 1 to n. */
const makeDelivery = (size: number) => {
  let [items, sum] = [0, 0]
  return {
    got: (item: number) => {
      items++
      sum += item
    },
    done: () => (sum === (size * (size + 1)) / 2 ? items : 0)
  }
}

interface Ends {
  readonly offer: (item: number) => Effect.Effect<unknown, unknown>
  readonly take: Effect.Effect<number, unknown>
}

const effects =
  (parties: number, make: Effect.Effect<Ends>): Body =>
  (size, meter) =>
    timed(meter, () =>
      Effect.gen(function* () {
        const { offer, take } = yield* make
        const { done, got } = makeDelivery(size)
        let [offered, claimed] = [0, 0]
        const produce = Effect.whileLoop({
          while: () => offered < size,
          body: () => offer(++offered),
          step: () => {}
        })
        const consume = Effect.whileLoop({
          while: () => claimed < size,
          body: () => {
            claimed++
            return take
          },
          step: got
        })
        const all = range(parties).flatMap(() => [produce, consume])
        yield* Effect.all(all, { concurrency: "unbounded", discard: true })
        return done()
      })
    )

interface Runner {
  /** Returns once the queue has taken the item and would take another one. */
  readonly push: (item: number) => Promise<void>
  readonly idle: () => Promise<void>
}

/** Queues that have no `take`: they call a function for each item, `parties` at a time. */
const runners =
  (parties: number, make: (work: (item: number) => Promise<void>) => Runner): Body =>
  async (size, meter) => {
    meter.begin()
    const { done, got } = makeDelivery(size)
    const { idle, push } = make(async (item) => got(item))
    let offered = 0
    const produce = async () => {
      while (offered < size) await push(++offered)
    }
    await Promise.all(range(parties).map(produce))
    await idle()
    meter.end()
    return done()
  }

const queue = (parties: number, name: string, who: string): Workload => ({
  ...warmed,
  name,
  work: `${who} pass n items through a queue that holds ${capacity}.`,
  module: import.meta.url,
  measure: "wall",
  sizes,
  baseline: "WorkQueue",
  contenders: {
    WorkQueue: {
      run: effects(parties, WorkQueue.make<number>({ capacity }))
    },
    "Effect Queue": {
      run: effects(
        parties,
        Effect.map(Queue.bounded<number>(capacity), (made) => ({
          offer: (item) => Queue.offer(made, item),
          take: Queue.take(made)
        }))
      ),
      note: "raw Effect; it does not count what was taken and is not done."
    },
    "asyncio.Queue": asyncio("bounded_queue.py", `Queue ${parties}`),
    "asyncio.Queue, uvloop": asyncio("bounded_queue.py", `Queue ${parties}`, "uvloop"),
    fastq: {
      run: runners(parties, (work) => {
        const made = fastq.promise(work, parties)
        return {
          push: async (item) => {
            const handled = made.push(item)
            if (made.length() >= capacity) await handled
          },
          idle: () => made.drained()
        }
      }),
      note: "no bound and no take: it calls a function for each item. The bound is ours: a producer waits for its own item when 16 wait."
    },
    "p-queue": {
      run: runners(parties, (work) => {
        const made = new PQueue({ concurrency: parties })
        return {
          push: async (item) => {
            await made.onSizeLessThan(capacity)
            void made.add(() => work(item))
          },
          idle: () => made.onIdle()
        }
      }),
      note: "no take: it calls a function for each item. Producers wait with `onSizeLessThan(16)`, which several may pass at once."
    }
  }
})

export const workloads: ReadonlyArray<Workload> = [
  queue(1, "queue(16), 1 to 1", "One producer and one consumer"),
  queue(8, "queue(16), 8 to 8", "Eight producers and eight consumers")
]
