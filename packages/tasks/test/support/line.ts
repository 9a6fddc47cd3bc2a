/** Watches a line of requests from outside: who asks, waits, is granted, and who should have been. */
import { Effect, type Fiber } from "effect"
import { Waits } from "@fibra/tasks"

/** A request; the moments are numbers that grow. */
interface Request {
  readonly name: string
  readonly need: number
  readonly priority: number
  /** A moment before it arrived. */
  readonly asked: number
  /** Whether its fiber goes on with something else, or has ended. */
  readonly isOver: () => boolean
  /** When it began to wait, if it had to. */
  waits: number | undefined
  /** When its wait was over: granted, or given up. */
  waited: number | undefined
  /** A moment after it was granted, if it was. */
  entered: number | undefined
}

export interface Line {
  /** Makes a request of what `ask` returns, which is to call `enter` once it got in. */
  readonly asks: (
    request: { readonly name: string; readonly need?: number; readonly priority?: number },
    ask: (enter: () => void) => Ask
  ) => Ask
  /** Who waits and is next: the first of the highest priority. */
  readonly next: () => Request | undefined
  /** Those who have ended, and still stand in line. */
  readonly ghosts: () => ReadonlyArray<string>
  /** Those who had to wait at some time. */
  readonly waiters: () => ReadonlyArray<string>
  /** At least as many as were granted something and have not taken it yet. */
  readonly promised: () => number
  /**
   * Who was granted something before one that waited already, and had no lower priority. Where what is
   * granted is a promise, also newcomers that got on before one that was promised something.
   */
  readonly overtakers: () => ReadonlyArray<string>
}

type Ask = Effect.Effect<unknown, unknown>

/** Watches the waits for resources of this kind. Whoever observed waits before still does. */
export const makeLine = (
  kind: string,
  grants: "things" | "promises" = "things"
): Effect.Effect<Line> =>
  Effect.map(Waits.Observer, (outer) => {
    const all: Array<Request> = []
    const current = new Map<Fiber.Fiber<unknown, unknown>, Request>()
    let moments = 0
    const listener: Waits.Listener = {
      waiting: (fiber, resource) => {
        const request = current.get(fiber)
        if (resource.kind === kind && request !== undefined) {
          request.waits = ++moments
          request.waited = undefined
        }
        outer?.waiting(fiber, resource)
      },
      waited: (fiber, resource) => {
        const request = current.get(fiber)
        if (resource.kind === kind && request !== undefined) request.waited = ++moments
        outer?.waited(fiber, resource)
      }
    }
    return {
      asks: ({ name, need = 1, priority = 0 }, ask) =>
        Effect.withFiber((fiber) => {
          const request: Request = {
            name,
            need,
            priority,
            asked: ++moments,
            isOver: () => fiber.pollUnsafe() !== undefined || current.get(fiber) !== request,
            waits: undefined,
            waited: undefined,
            entered: undefined
          }
          all.push(request)
          current.set(fiber, request)
          const entering = ask(() => void (request.entered = ++moments))
          return Effect.provideService(entering, Waits.Observer, listener)
        }),
      next: () =>
        all.filter(isWaiting).toSorted((a, b) => b.priority - a.priority || a.waits! - b.waits!)[0],
      ghosts: () =>
        all.filter((request) => isWaiting(request) && request.isOver()).map(({ name }) => name),
      waiters: () => all.filter(({ waits }) => waits !== undefined).map(({ name }) => name),
      promised: () =>
        all.filter(
          ({ entered, isOver, waited }) =>
            waited !== undefined && entered === undefined && !isOver()
        ).length,
      overtakers: () =>
        all.flatMap((early) =>
          all
            .filter(
              (late) =>
                overtakes(late, early) || (grants === "promises" && comesBetween(late, early))
            )
            .map((late) => `${late.name} before ${early.name}`)
        )
    }
  })

const isWaiting = ({ waited, waits }: Request): boolean =>
  waits !== undefined && waited === undefined

const overtakes = (late: Request, early: Request): boolean => {
  if (early.waits === undefined || late.entered === undefined) return false
  const arrived = late.waits ?? late.asked
  const granted = late.waited ?? late.entered
  return (
    late.priority <= early.priority &&
    early.waits < arrived &&
    granted < (early.waited ?? Number.POSITIVE_INFINITY)
  )
}

const comesBetween = (late: Request, early: Request): boolean =>
  late.waits === undefined &&
  late.entered !== undefined &&
  late.asked > (early.waits ?? Number.POSITIVE_INFINITY) &&
  late.entered < (early.entered ?? Number.NEGATIVE_INFINITY)
