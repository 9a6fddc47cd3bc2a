/** The rules that CPython's own tests hold asyncio to, one scenario each, and where Fibra differs. */
import type { Effect } from "effect"

export interface Rule {
  /** Its number, and the name of its scenario: `rules/NAME.py`, `rules/NAME.ts`. */
  readonly name: string
  /** What both programs show. */
  readonly title: string
  /** Where CPython 3.13 tests it: a file of its `test_asyncio`, and names of tests. */
  readonly tests: readonly [file: string, ...names: ReadonlyArray<string>]
  /** The first CPython that keeps the rule, if that is not 3.11. */
  readonly since?: "3.11.3" | "3.12" | "3.13"
  /** Why Fibra prints another trace on purpose: the one in `traces/NAME.fibra.txt`. */
  readonly differs?: string
  /** What is different without another trace. */
  readonly note?: string
  readonly scenario: () => Promise<{ readonly main: Effect.Effect<unknown, unknown> }>
}

export const rules: ReadonlyArray<Rule> = [
  {
    name: "01-first-child-failure",
    title: "The first failure of a child cancels siblings and body, and every error is reported",
    tests: ["test_taskgroups", "test_cancel_children_on_child_error"],
    note: "The errors come in one typed Cause, not in an ExceptionGroup.",
    scenario: () => import("./rules/01-first-child-failure.ts")
  },
  {
    name: "02-cancel-one-child",
    title: "Cancelling one child is no failure of its group",
    tests: ["test_taskgroups", "test_taskgroup_03"],
    scenario: () => import("./rules/02-cancel-one-child.ts")
  },
  {
    name: "03-body-failure",
    title: "A failure of the body cancels the children, and is reported with theirs",
    tests: ["test_taskgroups", "test_taskgroup_09", "test_taskgroup_10", "test_taskgroup_19"],
    scenario: () => import("./rules/03-body-failure.ts")
  },
  {
    name: "04-outer-cancel",
    title: "Cancelling the owner reaches body and children, waits, and stays a pure cancel",
    tests: [
      "test_taskgroups",
      "test_cancellation",
      "test_taskgroup_07",
      "test_taskgroup_17",
      "test_taskgroup_22"
    ],
    scenario: () => import("./rules/04-outer-cancel.ts")
  },
  {
    name: "05-outer-cancel-cleanup-failure",
    title: "Errors of cleanup during a cancel from outside are reported",
    tests: [
      "test_taskgroups",
      "test_taskgroup_08",
      "test_taskgroup_15",
      "test_taskgroup_16",
      "test_taskgroup_18"
    ],
    differs:
      "The interrupt stays beside the errors; CPython drops the cancel, so who cancelled is not told that it worked.",
    scenario: () => import("./rules/05-outer-cancel-cleanup-failure.ts")
  },
  {
    name: "06-nested-groups",
    title: "A group in a group reports the errors of both",
    tests: [
      "test_taskgroups",
      "test_taskgroup_11",
      "test_taskgroup_12",
      "test_taskgroup_13",
      "test_taskgroup_14"
    ],
    differs:
      "One flat Cause in the order of the failures, each with the path of its task, in place of groups in groups: one place to look, and nothing to unwrap.",
    scenario: () => import("./rules/06-nested-groups.ts")
  },
  {
    name: "07-defects",
    title: "What is not an ordinary error does not get lost among those that are",
    tests: ["test_taskgroups", "test_taskgroup_20", "test_taskgroup_20a", "test_taskgroup_21a"],
    differs:
      "KeyboardInterrupt and SystemExit leave a group alone and erase the errors of the children. A defect is reported beside them.",
    scenario: () => import("./rules/07-defects.ts")
  },
  {
    name: "08-spawn-while-draining",
    title: "Children may spawn while the group drains, and it waits for these too",
    tests: ["test_taskgroups", "test_taskgroup_23", "test_taskgroup_24"],
    scenario: () => import("./rules/08-spawn-while-draining.ts")
  },
  {
    name: "09-spawn-refused",
    title: "A group that aborts or has ended starts nothing",
    tests: [
      "test_taskgroups",
      "test_taskgroup_no_create_task_after_failure",
      "test_taskgroup_25",
      "test_coro_closed_when_tg_closed"
    ],
    scenario: () => import("./rules/09-spawn-refused.ts")
  },
  {
    name: "10-cancel-does-not-leak",
    title: "The cancel inside a group never reaches the code after it, one from outside does",
    tests: [
      "test_taskgroups",
      "test_error_and_cancel",
      "test_nested_groups_both_cancelled",
      "test_cancelling_level_preserved"
    ],
    since: "3.13",
    note: "Body and children are interrupted as fibers of the group: there are no counters of cancels to keep right.",
    scenario: () => import("./rules/10-cancel-does-not-leak.ts")
  },
  {
    name: "11-misuse",
    title: "A group that was not entered, or entered before, is of no use",
    tests: [
      "test_taskgroups",
      "test_taskgroup_not_entered",
      "test_taskgroup_double_enter",
      "test_taskgroup_without_parent_task"
    ],
    differs:
      "A group exists only inside of its body, and a run can be repeated: the mistakes cannot be written.",
    scenario: () => import("./rules/11-misuse.ts")
  },
  {
    name: "12-timeout",
    title: "The body of a timeout sees a cancel, its caller a timeout",
    tests: ["test_timeouts", "test_waiter_cancelled"],
    scenario: () => import("./rules/12-timeout.ts")
  },
  {
    name: "13-nested-timeouts",
    title: "Of two nested timeouts that end together only the outer one raises",
    tests: ["test_timeouts", "test_nested_timeouts"],
    differs: "The error names its deadline.",
    scenario: () => import("./rules/13-nested-timeouts.ts")
  },
  {
    name: "14-busy-loop",
    title: "After a busy loop an inner timeout, caught, leaves the outer one alone",
    tests: ["test_timeouts", "test_nested_timeouts_loop_busy"],
    note: "When both are late, CPython raises only the outer timeout, which its test accepts. Here the inner deadline is raised, and then the outer one at the next suspension.",
    scenario: () => import("./rules/14-busy-loop.ts")
  },
  {
    name: "15-timeout-in-the-past",
    title: "A timeout of zero or less lets the body run to its first suspension",
    tests: ["test_timeouts", "test_timeout_zero_sleep_zero", "test_timeout_in_the_past_sleep_zero"],
    scenario: () => import("./rules/15-timeout-in-the-past.ts")
  },
  {
    name: "16-reschedule",
    title: "A timeout can be moved and cleared until it is over",
    tests: ["test_timeouts", "test_reschedule", "test_timeout_expired", "test_timeout_finished"],
    scenario: () => import("./rules/16-reschedule.ts")
  },
  {
    name: "17-foreign-errors",
    title: "An error or cancel that is not the timeout's own is not relabelled",
    tests: [
      "test_timeouts",
      "test_foreign_exception_passed",
      "test_foreign_cancel_doesnt_timeout_if_not_expired",
      "test_cancel_in_timeout_after_cancellation"
    ],
    scenario: () => import("./rules/17-foreign-errors.ts")
  },
  {
    name: "18-timeout-in-cleanup",
    title: "Timeouts work in the cleanup of a cancelled task",
    tests: ["test_timeouts", "test_timeout_after_cancellation", "test_nested_timeout_in_finally"],
    since: "3.11.3",
    scenario: () => import("./rules/18-timeout-in-cleanup.ts")
  },
  {
    name: "19-cleanup-failure-under-timeout",
    title: "A failure of cleanup under a timeout surfaces, with the timeout",
    tests: ["test_timeouts", "test_timeout_taskgroup", "test_foreign_exception_on_timeout"],
    since: "3.13",
    scenario: () => import("./rules/19-cleanup-failure-under-timeout.ts")
  },
  {
    name: "20-wait-for-zero",
    title: "A timeout of zero returns what is done already, and gives up on the rest",
    tests: [
      "test_waitfor",
      "test_wait_for_timeout_less_then_0_or_0_future_done",
      "test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started"
    ],
    differs:
      "wait_for never starts a coroutine then, unlike asyncio.timeout. A deadline does as asyncio.timeout: the work runs to its first suspension.",
    scenario: () => import("./rules/20-wait-for-zero.ts")
  },
  {
    name: "21-wait-for-awaits-cleanup",
    title: "A timeout waits for the cleanup of its body",
    tests: ["test_waitfor", "test_wait_for_waits_for_task_cancellation"],
    scenario: () => import("./rules/21-wait-for-awaits-cleanup.ts")
  },
  {
    name: "22-cleanup-failure-wins",
    title: "A failure of cleanup wins over the timeout",
    tests: ["test_waitfor", "test_wait_for_reraises_exception_during_cancellation"],
    scenario: () => import("./rules/22-cleanup-failure-wins.ts")
  },
  {
    name: "23-suppressed-cancel",
    title: "What work returns that suppresses the cancel of its timeout",
    tests: [
      "test_waitfor",
      "test_wait_for_cancel_suppressed",
      "test_wait_for_cancellation_race_condition"
    ],
    differs: "An interrupt cannot be suppressed, so the result is the timeout.",
    scenario: () => import("./rules/23-suppressed-cancel.ts")
  },
  {
    name: "24-cancel-after-inner-done",
    title: "A cancel that arrives when the inner task is done is not lost",
    tests: ["test_waitfor", "test_wait_for_issue86296"],
    since: "3.12",
    scenario: () => import("./rules/24-cancel-after-inner-done.ts")
  },
  {
    name: "25-shield",
    title: "Cancelling the waiter cancels the work; shielded work runs on and stays readable",
    tests: ["test_waitfor", "test_cancel_wait_for", "test_shielded_timeout"],
    note: "Shielded work belongs to a scope, which interrupts and awaits it at its end. The task of asyncio.shield belongs to nobody (test_tasks: test_shield_effect, test_gather_shield).",
    scenario: () => import("./rules/25-shield.ts")
  },
  {
    name: "26-gather-order",
    title: "gather keeps the order of its arguments, also of collected errors and cancels",
    tests: [
      "test_tasks",
      "test_success",
      "test_return_exceptions",
      "test_result_exception_one_cancellation"
    ],
    scenario: () => import("./rules/26-gather-order.ts")
  },
  {
    name: "27-gather-failure",
    title: "What becomes of the siblings when a task of a gather fails",
    tests: ["test_tasks", "test_one_exception"],
    differs: "The siblings are interrupted and awaited before gather fails: none runs on unseen.",
    scenario: () => import("./rules/27-gather-failure.ts")
  },
  {
    name: "28-gather-cancel",
    title: "Cancelling a gather cancels all of its tasks, and nothing once they are done",
    tests: ["test_tasks", "test_cancellation_broadcast", "test_cancel_gather_1"],
    scenario: () => import("./rules/28-gather-cancel.ts")
  },
  {
    name: "29-duplicates",
    title: "What the same work passed twice does",
    tests: ["test_tasks", "test_duplicate_coroutines", "test_wait_duplicate_coroutines"],
    differs:
      "An Effect is a description and runs each time it is passed. A task is one run, as in asyncio.",
    scenario: () => import("./rules/29-duplicates.ts")
  },
  {
    name: "30-wait",
    title: "wait returns what is done and what is pending, and cancels nothing",
    tests: [
      "test_tasks",
      "test_wait_first_completed",
      "test_wait_first_exception",
      "test_wait_with_timeout",
      "test_wait_really_done",
      "test_yield_wait_does_not_shield_cancel"
    ],
    note: "Pending tasks still belong to whoever started them, and end with that owner.",
    scenario: () => import("./rules/30-wait.ts")
  },
  {
    name: "31-as-completed",
    title: "as_completed gives each result once, as it comes, and can be paused and timed",
    tests: [
      "test_tasks",
      "test_as_completed_with_timeout",
      "test_as_completed_resume_iterator",
      "test_as_completed_same_tasks_in_as_out"
    ],
    scenario: () => import("./rules/31-as-completed.ts")
  },
  {
    name: "32-self-cancel",
    title: "A task that cancels itself stops when it suspends, also if it returns first",
    tests: ["test_tasks", "test_cancel_current_task", "test_cancel_at_end"],
    scenario: () => import("./rules/32-self-cancel.ts")
  },
  {
    name: "33-swallowed-cancel",
    title: "What a task that catches its cancel does next",
    tests: ["test_tasks", "test_cancel_task_ignoring", "test_uncancel_basic"],
    differs:
      "No handler sees an interrupt as an error, so none swallows it by mistake. Work that must finish is masked, and the interrupt comes after it.",
    scenario: () => import("./rules/33-swallowed-cancel.ts")
  },
  {
    name: "34-cancelled-sleep",
    title: "A cancelled sleep leaves no timer",
    tests: ["test_tasks", "test_sleep_cancel"],
    scenario: () => import("./rules/34-cancelled-sleep.ts")
  },
  {
    name: "35-run-leftovers",
    title: "The end of main cancels what still runs, waits, and reports its errors",
    tests: [
      "test_runners",
      "test_asyncio_run_cancels_hanging_tasks",
      "test_asyncio_run_reports_hanging_tasks_errors"
    ],
    scenario: () => import("./rules/35-run-leftovers.ts")
  },
  {
    name: "36-ctrl-c",
    title: "The first Ctrl-C cancels main and waits, a second one stops at once",
    tests: [
      "test_runners",
      "test_interrupt_wait",
      "test_interrupt_call_soon",
      "test_recursive_run"
    ],
    differs: "A program may be run inside a running one: Effect needs no loop of its own.",
    scenario: () => import("./rules/36-ctrl-c.ts")
  },
  {
    name: "37-lock-cancel-race",
    title: "A release that meets a cancelled waiter wakes exactly one live waiter",
    tests: [
      "test_locks",
      "test_cancel_race",
      "test_cancel_release_race",
      "test_finished_waiter_cancelled",
      "test_acquire_cancel_before_awoken",
      "test_acquire_hang"
    ],
    scenario: () => import("./rules/37-lock-cancel-race.ts")
  },
  {
    name: "38-semaphore-order",
    title: "A semaphore serves in order of arrival, and takes back no permit too many",
    tests: [
      "test_locks",
      "test_acquire_fifo_order",
      "test_acquire_fifo_order_2",
      "test_acquire_fifo_order_3",
      "test_acquire_fifo_order_4",
      "test_release_not_acquired"
    ],
    scenario: () => import("./rules/38-semaphore-order.ts")
  },
  {
    name: "39-condition-and-event",
    title: "A cancelled waiter of a condition has its lock again, and passes the notify on",
    tests: [
      "test_locks",
      "test_wait_cancel_after_notify",
      "test_cancelled_wakeup",
      "test_cancelled_wakeup_relock",
      "test_clear_with_waiters"
    ],
    since: "3.13",
    scenario: () => import("./rules/39-condition-and-event.ts")
  },
  {
    name: "40-barrier",
    title: "A barrier numbers its parties, lets a cancelled one leave, and can break",
    tests: [
      "test_locks",
      "test_filling_tasks_check_return_value",
      "test_filling_tasks_cancel_one",
      "test_reset_barrier_while_tasks_waiting",
      "test_abort_barrier"
    ],
    scenario: () => import("./rules/40-barrier.ts")
  },
  {
    name: "41-queue-cancel",
    title: "A reader or writer cancelled while it wakes loses no item",
    tests: [
      "test_queues",
      "test_get_cancel_drop_one_pending_reader",
      "test_get_cancel_drop_many_pending_readers",
      "test_put_cancel_drop",
      "test_cancelled_getters_not_being_held_in_self_getters"
    ],
    scenario: () => import("./rules/41-queue-cancel.ts")
  },
  {
    name: "42-queue-join",
    title: "join waits for what was taken; shutdown drains, or drops when immediate",
    tests: [
      "test_queues",
      "test_task_done_underflow",
      "test_join_empty_queue",
      "test_shutdown_nonempty",
      "test_shutdown_immediate_with_unfinished"
    ],
    since: "3.13",
    scenario: () => import("./rules/42-queue-join.ts")
  }
]
