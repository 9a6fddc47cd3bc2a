/**
 * What a supervisor does about its children, decided without doing it.
 *
 * The rules are those of OTP's `supervisor`, with a backoff between a crash and the restart. Children
 * stand in the order in which they were added: they start from the left, one after the other, and
 * stop from the right, one after the other. The plan says what is to be done through `Actions`, and
 * is told what has happened.
 */

/**
 * Whom a supervisor restarts when a child has to be restarted: that one, all, or that one and those
 * that were started after it.
 *
 * @since 0.1.0
 */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one"

/**
 * When a child is restarted: always, after a crash, or never.
 *
 * @since 0.1.0
 */
export type ChildType = "permanent" | "transient" | "temporary"

/** `waiting` is down until its backoff is over, `halting` was told to stop. */
type Status = "down" | "waiting" | "starting" | "up" | "halting"

export interface Child<A> {
  readonly value: A
  readonly type: ChildType
  status: Status
  /** Whether it was up since the plan started. */
  proven: boolean
  /** Whether it leaves the plan once it is down. */
  leaving: boolean
  /** Grows from left to right. */
  readonly order: number
  left: Child<A> | undefined
  right: Child<A> | undefined
}

/** What the plan asks for. `start` and `stop` may tell the plan at once what came of it. */
export interface Actions<A> {
  /** Start the child; answered by `started` or `exited`. */
  start(child: Child<A>): void
  /** Stop the child; answered by `exited`. */
  stop(child: Child<A>): void
  /** The child has left the plan, and is down for good. */
  removed(child: Child<A>): void
  /**
   * The child has to be restarted. `"restart"` is answered by `ready` when its backoff is over, and
   * never within this call; `"give up child"` removes it; `"give up all"` is answered by `stopAll`.
   */
  crashed(child: Child<A>): "restart" | "give up child" | "give up all"
  /** A backoff that nobody waits for any more. */
  forgo(child: Child<A>): void
  /** The child failed at its very first start; answered by `remove` or `stopAll`. */
  rejected(child: Child<A>): void
  /** All children that were to be started in line are up. */
  complete(): void
  /** All children are down, after `stopAll`. */
  stopped(): void
}

export interface RestartPlan<A> {
  readonly first: Child<A> | undefined
  readonly size: number
  /** Adds a child on the right; one that is added before `startAll` is started by that. */
  add(value: A, type: ChildType): Child<A>
  started(child: Child<A>): void
  /** The child is down: `abnormal` if it crashed, failed to start or was killed. */
  exited(child: Child<A>, abnormal: boolean): void
  ready(child: Child<A>): void
  /** Stops a child for good. */
  remove(child: Child<A>): void
  /** Starts all children, from the left. */
  startAll(): void
  /** Stops all children, from the right; they stay in the plan, for `startAll`. */
  stopAll(): void
}

/** A plan without children that has not started. */
export const make = <A>(strategy: Strategy, actions: Actions<A>): RestartPlan<A> => {
  // Invariants, whenever `settle` is not on the stack:
  //   1. In "stopping" the children right of `cursor` are down, and that at `cursor` is halting.
  //   2. In "starting" the children left of `cursor` were started, and that at `cursor` is starting or
  //      waiting. In one_for_one they may have crashed since.
  //   3. In "steady" and one_for_all or rest_for_one, no child is down.
  let first: Child<A> | undefined
  let last: Child<A> | undefined
  let size = 0
  let nextOrder = 0
  let mode: "off" | "on" | "turning off" = "off"
  let phase: "steady" | "stopping" | "starting" = "steady"
  let cursor: Child<A> | undefined
  /** The order of the leftmost child that is to be stopped. */
  let edge = 0
  let settling = false
  let unsettled = false

  /** Does what is next in line. What happens meanwhile only asks for another round. */
  const settle = () => {
    unsettled = true
    if (settling) return
    settling = true
    while (unsettled) {
      unsettled = false
      if (phase === "stopping") stopNext()
      else if (phase === "starting") startNext()
    }
    settling = false
  }

  const stopNext = () => {
    for (; cursor !== undefined && cursor.order >= edge; cursor = cursor.left) {
      if (cursor.status === "halting") return
      if (cursor.status === "starting" || cursor.status === "up") return halt(cursor)
      if (mode === "turning off") calm(cursor)
    }
    if (mode === "turning off") {
      mode = "off"
      phase = "steady"
      actions.stopped()
    } else startFrom(cursor === undefined ? first : cursor.right)
  }

  const startNext = () => {
    for (; cursor !== undefined; cursor = cursor.right) {
      if (cursor.status === "down") return launch(cursor)
      if (cursor.status !== "up") return
    }
    phase = "steady"
    actions.complete()
  }

  const stopFrom = (order: number) => {
    phase = "stopping"
    edge = order
    cursor = last
    settle()
  }

  const startFrom = (child: Child<A> | undefined) => {
    phase = "starting"
    cursor = child
    settle()
  }

  const launch = (child: Child<A>) => {
    child.status = "starting"
    actions.start(child)
  }

  const halt = (child: Child<A>) => {
    child.status = "halting"
    actions.stop(child)
  }

  const calm = (child: Child<A>) => {
    if (child.status !== "waiting") return
    child.status = "down"
    actions.forgo(child)
  }

  const drop = (child: Child<A>) => {
    calm(child)
    if (cursor === child) cursor = phase === "stopping" ? child.left : child.right
    if (child.left === undefined) first = child.right
    else child.left.right = child.right
    if (child.right === undefined) last = child.left
    else child.right.left = child.left
    size--
    actions.removed(child)
    settle()
  }

  /** A child that ended by itself, and is not being stopped anyway. */
  const fallen = (child: Child<A>, wasStarting: boolean, abnormal: boolean) => {
    if (wasStarting && !child.proven) return actions.rejected(child)
    if (child.type === "temporary" || (child.type === "transient" && !abnormal)) return drop(child)
    const verdict = actions.crashed(child)
    if (verdict === "give up child") return drop(child)
    if (verdict === "give up all") return
    child.status = "waiting"
    if (strategy !== "one_for_one") stopFrom(strategy === "one_for_all" ? 0 : child.order)
  }

  return {
    get first() {
      return first
    },
    get size() {
      return size
    },
    add: (value, type) => {
      const child: Child<A> = {
        value,
        type,
        status: "down",
        proven: false,
        leaving: false,
        order: nextOrder++,
        left: last,
        right: undefined
      }
      if (last === undefined) first = child
      else last.right = child
      last = child
      size++
      if (mode === "on" && phase === "steady") {
        if (strategy === "one_for_one") launch(child)
        else startFrom(child)
      }
      return child
    },
    started: (child) => {
      if (child.status !== "starting") return
      child.status = "up"
      child.proven = true
      settle()
    },
    exited: (child, abnormal) => {
      const { status } = child
      child.status = "down"
      if (child.leaving) return drop(child)
      if (mode === "on" && status !== "halting") {
        const isInLine = phase === "stopping" && child.order >= edge
        if (!isInLine) return fallen(child, status === "starting", abnormal)
        if (child.type === "transient" && !abnormal) return drop(child)
      }
      if (mode === "on" && child.type === "temporary") return drop(child)
      settle()
    },
    ready: (child) => {
      if (child.status !== "waiting") return
      if (strategy === "one_for_one") return launch(child)
      child.status = "down"
      settle()
    },
    remove: (child) => {
      if (child.leaving) return
      child.leaving = true
      if (child.status === "down" || child.status === "waiting") drop(child)
      else if (child.status !== "halting") halt(child)
    },
    startAll: () => {
      mode = "on"
      for (let child = first; child !== undefined; child = child.right) child.proven = false
      startFrom(first)
    },
    stopAll: () => {
      if (mode !== "on") return
      mode = "turning off"
      stopFrom(0)
    }
  }
}
