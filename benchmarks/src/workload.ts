/**
 * What a benchmark is made of: a suite has workloads and goals, a workload has contenders that all do
 * the same work.
 */
import type { ErlangVersion } from "./erlang.ts"
import type { PythonPackage, PythonVersion } from "./python.ts"

/**
 * Says which part of a contender's run counts. `begin` and `end` are called once each in a round:
 * what happens outside (setting up, tearing down) is not measured.
 */
export interface Meter {
  begin(): void
  end(): void
  /**
   * By how many seconds a timer of the contender was late, in `lag`. One that says this is compared by
   * it, and not by a timer of Node.
   */
  late(seconds: number): void
  /** What a program that the contender has started has used: the contender's own process does not count. */
  used(resources: Resources): void
  /** Something else that was counted, in `program` and `race`: a column with this title. */
  fact(title: string, value: number): void
}

/** What a program needed, with the programs that it has started itself. */
export interface Resources {
  readonly cpuSeconds: number
  readonly peakBytes: number
}

/**
 * One round: does the work `size` times and returns how often it was really done, counted by the work
 * itself. A contender whose count is not `size` is not timed.
 */
export type Body = (size: number, meter: Meter) => Promise<number>

/** A contender: runs in a process of its own: this Node, a Python, or an Erlang. */
export interface Contender {
  readonly run: Body | Python | Erlang
  /** The sizes at which it runs. Default: those of the workload. */
  readonly sizes?: ReadonlyArray<number>
  /** What a reader must know to compare it fairly. */
  readonly note?: string
  /** What it needs and is not installed, for one whose body starts another program. */
  readonly missing?: (runtimes: Runtimes) => string | undefined
  /** More runs than this are not worth their time. */
  readonly runsMax?: number
}

/** What runs the contenders that do not run on this Node, as far as it is installed. */
export interface Runtimes {
  readonly pythons: ReadonlyArray<PythonVersion>
  readonly erlang: ErlangVersion | undefined
}

export interface Python {
  readonly file: URL
  /** The key of the contender in that file. */
  readonly contender: string
  readonly loop: "asyncio" | "uvloop"
  /** Packages that must be installed. A loop of uvloop needs that one anyway. */
  readonly needs?: ReadonlyArray<PythonPackage>
}

export interface Erlang {
  /** An escript. */
  readonly file: URL
  /** The key of the contender in that file. */
  readonly contender: string
  /** Threads that run processes. Default: one for each core. */
  readonly schedulers?: number
}

export const isPython = (run: Contender["run"]): run is Python =>
  typeof run === "object" && "loop" in run

/**
 * What is compared. `wall` and `cpu`: time for one operation. `memory`: bytes for one operation that
 * are resident at `end` and were not at `begin`. `lag`: how late a timer of the main thread is, p99.
 * `program`: time for one operation of a whole program, from its start to its end. `race`: time for all
 * of the work, and the facts that were counted.
 */
export type Measure = "wall" | "cpu" | "memory" | "lag" | "program" | "race"

export interface Workload {
  readonly name: string
  /** One sentence: the work that each contender does. */
  readonly work: string
  /** The URL of the module that has this among its `workloads`: the contender's process imports it. */
  readonly module: string
  readonly measure: Measure
  /** Rounds of this size are run before the measured ones: one, and more until they used this CPU time. */
  readonly warmUp: { readonly size: number; readonly seconds: number }
  /** A size below this is measured in several rounds, until they have done this many operations. */
  readonly operationsMin: number
  /** In ascending order: one process goes through them. */
  readonly sizes: ReadonlyArray<number>
  /** The contender of ours with which the others are compared. */
  readonly baseline: string
  readonly contenders: Readonly<Record<string, Contender>>
  /** It takes minutes: it is run only when `--only` asks for it. */
  readonly isOptional?: boolean
  /** Time for one run. Default: 2 minutes. */
  readonly timeLimitSeconds?: number
}

export interface Suite {
  readonly workloads: ReadonlyArray<Workload>
  readonly goals: ReadonlyArray<Goal>
}

/** A budget: a limit for a median, or for the ratio of one median to another. */
export interface Goal {
  readonly value: Point
  readonly over?: Point
  readonly limit: { readonly atLeast: number } | { readonly atMost: number }
}

/** A median: of a contender, in a workload, at a size. */
export interface Point {
  readonly workload: string
  readonly contender: string
  readonly size: number
  /** The title of a fact, which must keep the limit in each of the runs. Default: what is measured. */
  readonly fact?: string
}

/** Growth of the cost of one operation above which it is flagged, and no longer called flat. */
export const growthLimit = 1.5
