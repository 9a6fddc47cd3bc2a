import { assert, describe, it } from "@effect/vitest"
import * as Intensity from "../src/internal/intensity.ts"
import * as RestartPlan from "../src/internal/restartPlan.ts"
import { recording } from "./otp/recording.ts"
import * as Scenarios from "./otp/scenarios.ts"

/** Runs a scenario with children that do at once what they are told. */
const play = (scenario: Scenarios.Scenario): string => {
  const log: Array<string> = []
  const intensity = Intensity.make(scenario.intensity, scenario.period)
  const failing = new Map(Object.entries(scenario.fails))
  const started = new Set<string>()
  const restarts: Array<RestartPlan.Child<string>> = []
  let [now, end] = [0, ""]

  const fails = (name: string): boolean => {
    const left = failing.get(name)
    if (left === undefined || left === 0 || (left !== "now" && !started.has(name))) return false
    failing.set(name, left === "now" ? 0 : left - 1)
    return true
  }
  const plan = RestartPlan.make<string>(scenario.strategy, {
    start: (child) => {
      const fail = fails(child.value)
      log.push(fail ? `init of ${child.value} fails` : `start ${child.value}`)
      started.add(child.value)
      if (fail) plan.exited(child, true)
      else plan.started(child)
    },
    stop: (child) => {
      log.push(`stop ${child.value}`)
      plan.exited(child, false)
    },
    removed: () => {},
    crashed: (child) => {
      if (intensity.add(now)) {
        restarts.push(child)
        return "restart"
      }
      end = "supervisor exits with shutdown"
      plan.stopAll()
      return "give up all"
    },
    forgo: () => {},
    rejected: (child) => {
      if (log.includes("supervisor started")) {
        log.push("refused")
        return plan.remove(child)
      }
      end = `supervisor does not start: ${child.value} failed to start`
      plan.stopAll()
    },
    complete: () => {
      if (!log.includes("supervisor started")) log.push("supervisor started")
    },
    stopped: () => log.push(end)
  })
  const named = (name: string) => [...childrenOf(plan)].find(({ value }) => value === name)!

  scenario.children.forEach(({ name, type }) => plan.add(name, type))
  plan.startAll()
  for (const step of scenario.steps) {
    if (step.do === "sleep") now += step.millis
    else if (step.do === "add") plan.add(step.name, "permanent")
    else if (step.do === "remove") plan.remove(named(step.name))
    else if (step.do === "stop") {
      end = "supervisor exits with shutdown"
      plan.stopAll()
    } else {
      log.push(step.how === "kill" ? `kill ${step.name}` : `exit ${step.name} ${step.how}`)
      plan.exited(named(step.name), step.how === "error" || step.how === "kill")
    }
    for (let child = restarts.shift(); child !== undefined; child = restarts.shift()) {
      plan.ready(child)
    }
  }
  if (end === "") {
    const up = [...childrenOf(plan)].filter(({ status }) => status === "up")
    log.push(["supervisor lives with", ...up.map(({ value }) => value)].join(" "))
  }
  return log.join(", ")
}

function* childrenOf<A>(plan: RestartPlan.RestartPlan<A>) {
  for (let child = plan.first; child !== undefined; child = child.right) yield child
}

const compared = [
  ...Scenarios.matrix,
  ...Scenarios.intensity,
  ...Scenarios.failingInits,
  ...Scenarios.stops.filter(({ children }) => children.every(({ manner }) => !manner)),
  ...Scenarios.dynamic.filter(({ name }) => name !== "dynamic: a name that is taken")
]

describe("restartPlan", () => {
  it("SUP1: the plan decides as OTP does in each of the recorded scenarios", () => {
    const wrong = compared.flatMap((scenario) => {
      const [expected, actual] = [recording.scenarios[scenario.name], play(scenario)]
      return actual === expected ? [] : [{ name: scenario.name, expected, actual }]
    })
    assert.deepStrictEqual(wrong, [])
    assert.strictEqual(compared.length, 176)
  })
})

// Children that take their time: each event that can happen next is drawn at random. Restarts are
// allowed without end, so that only the order of things is in question.
const wander = (strategy: RestartPlan.Strategy, seed: number) => {
  const below = random(seed)
  const type = () => (["permanent", "transient", "temporary"] as const)[below(3)]!
  const all = new Set<RestartPlan.Child<number>>()
  const removing = new Set<RestartPlan.Child<number>>()
  const ended = new Set<RestartPlan.Child<number>>()
  const backoffs = new Set<RestartPlan.Child<number>>()
  let isOver = false
  const isDown = ({ status }: RestartPlan.Child<number>) =>
    status === "down" || status === "waiting"
  const inLine = strategy !== "one_for_one"

  const plan = RestartPlan.make<number>(strategy, {
    start: (child) => {
      const others = [...all].filter((other) => other !== child && !removing.has(other))
      if (!inLine) return
      for (const other of others) {
        if (other.order < child.order) assert.strictEqual(other.status, "up", "left of a start")
        else assert.isTrue(isDown(other), "right of a start")
      }
    },
    stop: (child) => {
      if (removing.has(child)) return
      for (const other of all) {
        if (other.order > child.order) assert.isTrue(isDown(other), "right of a stop")
      }
    },
    removed: (child) => {
      assert.isTrue(isDown(child))
      all.delete(child)
    },
    crashed: (child) => {
      assert.notStrictEqual(child.type, "temporary")
      if (below(20) > 0) {
        backoffs.add(child)
        return "restart"
      }
      ended.add(child)
      return "give up child"
    },
    forgo: (child) => assert.isTrue(backoffs.delete(child)),
    rejected: (child) => remove(child),
    complete: () => {
      const staying = [...all].filter((child) => !removing.has(child))
      if (inLine) for (const child of staying) assert.strictEqual(child.status, "up", "complete")
    },
    stopped: () => {
      assert.isFalse(isOver)
      isOver = true
      for (const child of all) assert.strictEqual(child.status, "down")
    }
  })
  const remove = (child: RestartPlan.Child<number>) => {
    removing.add(child)
    plan.remove(child)
  }
  const advance = (child: RestartPlan.Child<number>) => {
    if (child.status === "starting") {
      if (below(5) > 0) plan.started(child)
      else plan.exited(child, true)
    } else if (child.status === "halting") plan.exited(child, below(5) === 0)
    else if (child.status === "waiting") {
      backoffs.delete(child)
      plan.ready(child)
    }
  }
  const end = (child: RestartPlan.Child<number>, abnormal: boolean) => {
    plan.exited(child, abnormal)
    if (child.type === "temporary" || (child.type === "transient" && !abnormal)) ended.add(child)
    for (const child of ended) assert.isFalse(all.has(child), "what has ended is gone")
  }
  const moving = () => [...all].filter(({ status }) => status !== "up" && status !== "down")
  const any = <A>(from: ReadonlyArray<A>) => from[below(from.length)]
  const finish = () => {
    for (let next = any(moving()); next !== undefined; next = any(moving())) advance(next)
  }
  /** News that comes too late changes nothing. */
  const lateNews = (child: RestartPlan.Child<number>) => {
    const { status } = child
    if (status !== "waiting") plan.ready(child)
    if (status !== "starting") plan.started(child)
    assert.strictEqual(child.status, status)
    if (removing.has(child)) plan.remove(child)
  }

  for (let count = 0; count < 4; count++) all.add(plan.add(count, type()))
  plan.startAll()
  for (let steps = 0; steps < 60; steps++) {
    const up = [...all].filter(({ status }) => status === "up")
    const dice = below(10)
    if (dice === 0) all.add(plan.add(steps, type()))
    else if (dice === 1 && all.size > 0) remove(any([...all])!)
    else if (dice < 4 && up.length > 0) end(any(up)!, below(2) === 0)
    else if (moving().length > 0) advance(any(moving())!)
    ;[...all, ...removing].forEach(lateNews)
  }
  if (below(2) === 0) {
    finish()
    for (const child of all) assert.strictEqual(child.status, "up", "nothing is left undone")
  }
  const staying = [...all].filter((child) => !removing.has(child))
  plan.stopAll()
  finish()
  assert.isTrue(isOver)
  assert.strictEqual(backoffs.size, 0)
  plan.stopAll()
  assert.deepStrictEqual([...all], staying)
  assert.strictEqual(plan.size, all.size)
  plan.startAll()
  finish()
  for (const child of all) assert.strictEqual(child.status, "up", "and again")
}

const nothing: RestartPlan.Actions<number> = {
  start: () => {},
  stop: () => {},
  removed: () => {},
  crashed: () => "restart",
  forgo: () => {},
  rejected: () => {},
  complete: () => {},
  stopped: () => {}
}

describe("restartPlan in particular", () => {
  it("SUP2: in one_for_one an added child whose init takes its time holds up nobody", () => {
    const started: Array<number> = []
    const plan = RestartPlan.make<number>("one_for_one", {
      ...nothing,
      start: ({ value }) => started.push(value)
    })
    plan.startAll()
    plan.add(1, "permanent")
    plan.add(2, "permanent")
    assert.deepStrictEqual(started, [1, 2])
  })

  it("SUP2: after a stop of all the first start of each child counts as its first", () => {
    const rejected: Array<number> = []
    const plan = RestartPlan.make<number>("one_for_one", {
      ...nothing,
      rejected: ({ value }) => rejected.push(value)
    })
    const child = plan.add(1, "permanent")
    plan.startAll()
    plan.started(child)
    plan.stopAll()
    plan.exited(child, false)
    plan.startAll()
    plan.exited(child, true)
    assert.deepStrictEqual(rejected, [1])
  })

  it("SUP2: 100,000 children that end at once neither nest the stack nor are searched", () => {
    let left = 0
    const plan: RestartPlan.RestartPlan<number> = RestartPlan.make<number>("rest_for_one", {
      ...nothing,
      start: (child) => {
        left++
        plan.started(child)
      },
      stop: (child) => {
        left--
        plan.exited(child, false)
      }
    })
    for (let index = 0; index < 100_000; index++) plan.add(index, "permanent")
    plan.startAll()
    assert.strictEqual(left, 100_000)
    plan.stopAll()
    assert.strictEqual(left, 0)
  })
})

describe("restartPlan at random", () => {
  it.each(["one_for_one", "one_for_all", "rest_for_one"] as const)(
    "SUP2: in %s children start from the left and stop from the right, and nothing is left undone",
    (strategy) => {
      for (let seed = 1; seed <= 400; seed++) {
        try {
          wander(strategy, seed)
        } catch (cause) {
          throw new Error(`seed ${seed}`, { cause })
        }
      }
    }
  )
})

const random =
  (seed: number) =>
  (limit: number): number => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
