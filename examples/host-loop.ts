/**
 * Fibra inside a program that belongs to somebody else: a framework with plain callbacks, and with a
 * loop of its own. A button handler starts structured tasks on that loop, and closing the window
 * interrupts what still runs.
 *
 * Run it: `node --conditions=@fibra/source examples/host-loop.ts`
 */
import assert from "node:assert/strict"
import { Effect, Exit, Layer, ManagedRuntime, Scheduler } from "effect"
import { HostLoop, Task } from "@fibra/tasks"

// The framework: it knows nothing of Effect. Everything that touches the window has to run on its
// loop, which serves posted callbacks once per frame.
const makeWindow = () => {
  const queue: Array<() => void> = []
  const handlers: Array<() => void> = []
  let shown: (title: string) => unknown = () => {}
  let onLoop = false
  const frame = () => {
    onLoop = true
    for (const callback of queue.splice(0)) callback()
    onLoop = false
  }
  const timer = setInterval(frame, 1)
  return {
    title: "",
    setTitle(title: string) {
      assert.ok(onLoop, "the window was touched from outside of its loop")
      this.title = title
      shown(title)
    },
    /** Resolves when the title is next set to this. */
    shows: (expected: string) =>
      new Promise<void>((resolve) => {
        shown = (title) => title === expected && resolve()
      }),
    post: (callback: () => void) => void queue.push(callback),
    onClick: (handler: () => void) => void handlers.push(handler),
    click: () => handlers.forEach((handler) => queue.push(handler)),
    destroy: () => clearInterval(timer)
  }
}

const window = makeWindow()

// The embedding: one runtime whose scheduler is the loop of the window.
const runtime = ManagedRuntime.make(
  Layer.succeed(Scheduler.Scheduler, HostLoop.scheduler(window.post))
)

const show = (title: string) => Effect.sync(() => window.setTitle(title))
const load = (name: string) => Effect.as(Effect.sleep("5 millis"), name)

const onClick = Effect.gen(function* () {
  yield* show("loading")
  const names = yield* Task.gather([load("Ada"), load("Grace"), load("Barbara")])
  yield* show(names.join(", "))
})

// A failure of the effect rejects the promise, and so ends this program with an error.
window.onClick(() => void runtime.runPromise(onClick))
window.click()
await window.shows("Ada, Grace, Barbara")
console.log(`the window shows: ${window.title}`)

// A task that would run for ever is interrupted when the window closes, and cleans up on its loop.
const ticks = Effect.forever(Effect.andThen(show("tick"), Effect.sleep("1 millis")))
const closing = new AbortController()
const exit = runtime.runPromiseExit(Effect.ensuring(ticks, show("closed")), {
  signal: closing.signal
})
await Promise.race([window.shows("tick"), exit])
closing.abort()
assert.ok(Exit.hasInterrupts(await exit))
assert.equal(window.title, "closed")
console.log(`the window shows: ${window.title}`)

await runtime.dispose()
window.destroy()
