/** The scenarios of `scenarios.erl` as data, for whatever is to be compared with the recording. */
import type { ChildType, Strategy } from "../../src/internal/restartPlan.ts"

export type How = "normal" | "shutdown" | "shutdown because" | "error" | "kill"

export interface ChildSpec {
  readonly name: string
  readonly type: ChildType
  /** How it takes being stopped: default is to end at once. */
  readonly manner?: "ignores its stop" | "brutal_kill"
  /** Then it is a supervisor itself. */
  readonly inner?: { readonly intensity: number; readonly children: ReadonlyArray<ChildSpec> }
}

export type Step =
  | { readonly do: "exit"; readonly name: string; readonly how: How }
  | { readonly do: "sleep"; readonly millis: number }
  | { readonly do: "add"; readonly name: string }
  | { readonly do: "remove"; readonly name: string }
  | { readonly do: "stop" }

export interface Scenario {
  readonly name: string
  readonly strategy: Strategy
  readonly intensity: number
  /** Milliseconds. */
  readonly period: number
  readonly children: ReadonlyArray<ChildSpec>
  /** Inits that fail: at the first start, or at that many restarts. */
  readonly fails: Readonly<Record<string, "now" | number>>
  readonly steps: ReadonlyArray<Step>
}

const strategies = ["one_for_one", "one_for_all", "rest_for_one"] as const
const types = ["permanent", "transient", "temporary"] as const
const ways = ["normal", "shutdown", "shutdown because", "error", "kill"] as const

const abc = (type: ChildType, others: ChildType): ReadonlyArray<ChildSpec> => [
  { name: "a", type: others },
  { name: "b", type },
  { name: "c", type: others }
]
const exit = (name: string, how: How): Step => ({ do: "exit", name, how })
const crash = (names: string): ReadonlyArray<Step> => [...names].map((name) => exit(name, "error"))

const scenario = (
  name: string,
  steps: ReadonlyArray<Step>,
  given: Partial<Omit<Scenario, "name" | "steps">> = {}
): Scenario => ({
  name,
  steps,
  strategy: "one_for_one",
  intensity: 3,
  period: 5000,
  children: abc("permanent", "permanent"),
  fails: {},
  ...given
})

/** Strategy x type of b x type of a and c x how b exits. */
export const matrix: ReadonlyArray<Scenario> = strategies.flatMap((strategy) =>
  types.flatMap((type) =>
    types.flatMap((others) =>
      ways.map((how) =>
        scenario(
          `${strategy}, b ${type}, others ${others}, b exits with ${how}`,
          [exit("b", how)],
          { strategy, children: abc(type, others) }
        )
      )
    )
  )
)

export const intensity: ReadonlyArray<Scenario> = [
  scenario("intensity 3, b crashes 3 times", crash("bbb")),
  scenario("intensity 3, b crashes 4 times", crash("bbbb")),
  scenario("intensity 3, a b c a crash", crash("abca")),
  scenario("intensity 0, b crashes once", crash("b"), { intensity: 0 }),
  scenario("intensity 0, b is killed", [exit("b", "kill")], { intensity: 0 }),
  scenario("one_for_all, intensity 2, b crashes twice", crash("bb"), {
    strategy: "one_for_all",
    intensity: 2
  }),
  scenario("one_for_all, intensity 2, b crashes 3 times", crash("bbb"), {
    strategy: "one_for_all",
    intensity: 2
  }),
  scenario("rest_for_one, intensity 1, b crashes twice", crash("bb"), {
    strategy: "rest_for_one",
    intensity: 1
  }),
  scenario(
    "intensity 1, permanent b exits normally twice",
    [exit("b", "normal"), exit("b", "normal")],
    { intensity: 1 }
  ),
  scenario("intensity 0, transient b exits normally", [exit("b", "normal")], {
    intensity: 0,
    children: abc("transient", "permanent").slice(0, 2)
  }),
  scenario("intensity 0, temporary b crashes", crash("b"), {
    intensity: 0,
    children: abc("temporary", "permanent").slice(0, 2)
  }),
  scenario(
    "intensity 1 in 1 s, b crashes twice with 3 s between",
    [...crash("b"), { do: "sleep", millis: 3000 }, ...crash("b")],
    { intensity: 1, period: 1000 }
  )
]

export const failingInits: ReadonlyArray<Scenario> = strategies.flatMap((strategy) => {
  const fails = (what: string, fails: Scenario["fails"], steps = crash("b")) =>
    scenario(`${strategy}, init of ${what}`, steps, { strategy, fails })
  return [
    fails("b fails at the start", { b: "now" }, []),
    fails("b fails at 1 restart", { b: 1 }),
    fails("b fails at 2 restarts", { b: 2 }),
    fails("b fails at 3 restarts", { b: 3 }),
    fails("c fails at 1 restart, b crashes", { c: 1 }),
    fails("c fails at 3 restarts, b crashes", { c: 3 }),
    fails("a fails at 1 restart, b crashes", { a: 1 })
  ]
})

const withMiddle = (manner: "ignores its stop" | "brutal_kill"): ReadonlyArray<ChildSpec> =>
  abc("permanent", "permanent").map((spec) => (spec.name === "b" ? { ...spec, manner } : spec))

export const stops: ReadonlyArray<Scenario> = [
  scenario("the supervisor is stopped", [{ do: "stop" }]),
  scenario(
    "the supervisor is stopped, b ignores it for longer than its shutdown",
    [{ do: "stop" }],
    { children: withMiddle("ignores its stop") }
  ),
  scenario("the supervisor is stopped, b has brutal_kill", [{ do: "stop" }], {
    children: withMiddle("brutal_kill")
  }),
  scenario("one_for_all, a crashes, b ignores its stop", crash("a"), {
    strategy: "one_for_all",
    children: withMiddle("ignores its stop")
  })
]

const nesting = (type: ChildType): ReadonlyArray<ChildSpec> => [
  { name: "a", type: "permanent" },
  {
    name: "inner",
    type,
    inner: { intensity: 0, children: abc("permanent", "permanent").slice(1) }
  },
  { name: "z", type: "permanent" }
]

export const nested: ReadonlyArray<Scenario> = [
  scenario("nested: the inner one exceeds, the outer one restarts it", crash("b"), {
    children: nesting("permanent")
  }),
  scenario("nested: the inner one exceeds twice, and so does the outer one", crash("bb"), {
    intensity: 1,
    children: nesting("permanent")
  }),
  scenario("nested: rest_for_one restarts what is after the inner one", crash("b"), {
    strategy: "rest_for_one",
    children: nesting("permanent")
  }),
  scenario("nested: the outer one is stopped", [{ do: "stop" }], {
    children: nesting("permanent")
  })
]

const ab = { children: abc("permanent", "permanent").slice(0, 2) }

export const dynamic: ReadonlyArray<Scenario> = [
  scenario(
    "dynamic: a child that is added is the last",
    [{ do: "add", name: "c" }, { do: "stop" }],
    ab
  ),
  scenario("dynamic: a name that is taken", [{ do: "add", name: "b" }], ab),
  scenario("dynamic: an init that fails adds nothing", [{ do: "add", name: "c" }], {
    ...ab,
    fails: { c: "now" }
  }),
  scenario("dynamic: a child that is stopped is not restarted", [{ do: "remove", name: "b" }], {
    intensity: 0
  }),
  scenario(
    "dynamic: rest_for_one counts the child that was added",
    [{ do: "add", name: "c" }, ...crash("b")],
    { ...ab, strategy: "rest_for_one" }
  ),
  ...strategies.map((strategy) =>
    scenario(
      `${strategy}, c was deleted, b crashes`,
      [{ do: "remove", name: "c" }, ...crash("b")],
      { strategy }
    )
  )
]

/** What is recorded of OTP and deliberately different here; each has a test of its own. */
export const differences: ReadonlyArray<string> = [
  // Exceeding the intensity is a crash for the supervisor above, and not an end in good order.
  "nested: transient, exceeding is no reason to restart it",
  // An actor that has ended has ended: whoever watched it was told, and its mailbox is empty.
  ...strategies.map((strategy) => `${strategy}, transient c has ended, b crashes`),
  // To stop a child is to delete it.
  ...strategies.map((strategy) => `${strategy}, c was stopped through the supervisor, b crashes`)
]
