/**
 * What a frontier keeps between lives: URLs, hosts, the account, and how far the output is committed.
 *
 * All of it is synchronous and throws what SQLite throws. Nothing is durable before `transaction` returns.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import { State } from "./schema.ts"
import { statements } from "./statements.ts"

/** A URL that is new. */
export interface NewUrl {
  readonly key: string
  readonly url: URL
  readonly host: number
  readonly depth: number
  readonly parent: number | undefined
  readonly via: ReadonlyArray<string>
  readonly state: number
  /** 1 when it comes after everything else of its host. Default 0. */
  readonly rank?: number
  readonly reason?: string | undefined
  readonly detail?: string | undefined
  /** When it has ended, if it is not to be fetched. */
  readonly at?: number
}

/** A URL that the store has. */
export interface Known {
  readonly id: number
  readonly state: number
  readonly reason: string | null
}

/** A URL that is to be fetched, as a host's queue has it. */
export interface Queued {
  readonly id: number
  readonly key: string
  readonly url: URL
  readonly depth: number
  readonly redirectedFrom: ReadonlyArray<string>
  readonly attempts: number
  readonly due: number
  /** It waits, until it is due, to be tried again. */
  readonly isWaiting: boolean
  readonly rank: number
  readonly validators: Validators | undefined
  /** The key that it gave as its own, where that was another one. */
  readonly canonical: string | undefined
}

/** What a server said about a page's version, and a fingerprint of its body. */
export interface Validators {
  readonly etag: string | undefined
  readonly modified: string | undefined
  readonly digest: string | undefined
}

/** How a URL ended. */
export interface Ending {
  readonly state: number
  readonly reason?: string | undefined
  readonly detail?: string | undefined
  readonly status?: number | undefined
  readonly validators?: Validators | undefined
  readonly canonical?: string | undefined
  readonly freshUntil?: number | undefined
  readonly at: number
}

interface HostRow {
  readonly id: number
  readonly origin: string
  readonly isAdmitted: boolean
  readonly robotsAnswer: string | undefined
  readonly robots: string | undefined
  readonly robotsUntil: number
  readonly delayMillis: number | undefined
  readonly nextAt: number
  readonly failures: number
  readonly parks: number
  readonly hasAnswered: boolean
  readonly urls: number
}

/** A part of what is known about traps; `null` when it is forgotten. */
interface TrapRecord {
  readonly key: string
  readonly value: string | null
}

/** Pages of a host that are left to do. */
interface Backlog {
  readonly host: number
  readonly queued: number
  /** Those that come after everything else. */
  readonly late: number
  readonly waiting: number
  /** When the first of those that wait is due. */
  readonly dueMin: number
}

export interface Store {
  /** The rows of a query, for those who look at a job. */
  readonly read: (
    query: string,
    ...values: ReadonlyArray<SQLInputValue>
  ) => ReadonlyArray<Record<string, unknown>>
  /** Queues all that ended like this for this reason, and says how many there were. */
  readonly requeueAll: (state: number, reason: string) => number
  /** Queues all that are done and not fresh by now, and says how many there were. */
  readonly requeueDone: (now: number) => number
  /** How many are done and gave no row, by the reason. */
  readonly doneWithoutRow: () => Readonly<Record<string, number>>
  /** Makes all changes durable, or none. */
  readonly transaction: <A>(change: () => A) => A
  readonly value: (name: string) => string | undefined
  readonly setValue: (name: string, value: string) => void
  readonly find: (key: string) => Known | undefined
  /** The key of another page than this one whose row, or unchanged content, has this identity. */
  readonly ownerOf: (identity: string, id: number) => string | undefined
  readonly insert: (url: NewUrl) => number
  readonly requeue: (id: number, host: number, depth: number) => void
  readonly end: (id: number, ending: Ending) => void
  readonly retry: (id: number, attempts: number, due: number, cause: string, at: number) => void
  /** It comes after everything else of its host. */
  readonly postpone: (id: number, rule: string, detail: string) => void
  /** The same page is to be fetched at another URL. */
  readonly move: (id: number, url: URL, via: ReadonlyArray<string>) => void
  /** In the order in which they were found, or the other way round. */
  readonly queued: (
    host: number,
    rank: number,
    order: "bfs" | "dfs",
    limit: number
  ) => ReadonlyArray<Queued>
  readonly waiting: (host: number, limit: number) => ReadonlyArray<Queued>
  /** Ends all URLs of a host that are left, and says how many there were. */
  readonly endAll: (host: number, ending: Ending) => number
  readonly hosts: () => ReadonlyArray<HostRow>
  readonly addHost: (origin: string) => number
  readonly saveHost: (
    host: Pick<
      HostRow,
      "id" | "nextAt" | "failures" | "parks" | "hasAnswered" | "isAdmitted" | "urls"
    >
  ) => void
  readonly saveRobots: (
    id: number,
    robots: { answer: string; body: string; at: number; until: number; delayMillis: number }
  ) => void
  readonly backlogs: () => ReadonlyArray<Backlog>
  readonly traps: () => ReadonlyArray<TrapRecord>
  readonly saveTraps: (changes: ReadonlyArray<TrapRecord>) => void
  /** Empties all tables but for these values. */
  readonly clear: (values: Readonly<Record<string, string>>) => void
  readonly note: (at: number, origin: string | undefined, text: string) => void
}

/** The value that says whether a process was killed since the crawl went on last. */
export const killedName = "killed"

/** The value that says how far the archive of answers is committed. */
export const archiveLengthName = "archive"

/** The value that says whether the last life obeyed or ignored robots.txt. */
export const robotsName = "robots"

/** The value that says by which rules keys are made of URLs. */
export const urlsName = "rules of URLs"

/** The values that say how far the files of the output, and of the rejects, are committed. */
export const lengthsName = "lengths"
export const rejectLengthsName = "lengths of rejects"

export const make = (database: DatabaseSync): Store => {
  const sql = statements(database)
  const transaction: Store["transaction"] = (change) => {
    database.exec("BEGIN IMMEDIATE")
    try {
      const result = change()
      database.exec("COMMIT")
      return result
    } catch (error) {
      // A full disk has ended it already.
      if (database.isTransaction) database.exec("ROLLBACK")
      throw error
    }
  }

  return {
    read: (query, ...values) => database.prepare(query).all(...values),
    requeueAll: (state, reason) => Number(sql.requeueReason.run(state, reason).changes),
    requeueDone: (now) => Number(sql.requeueDone.run(now).changes),
    doneWithoutRow: () =>
      Object.fromEntries(sql.doneBy.all().map(({ count, reason }) => [reason, Number(count)])),
    transaction,
    value: (name) => sql.value.get(name)?.["value"] as string | undefined,
    setValue: (name, value) => void sql.setValue.run(name, value),
    find(key) {
      const row = sql.find.get(key) as unknown as KnownRow | undefined
      if (row === undefined) return undefined
      const [id, state, reason] = row
      return { id, state, reason }
    },
    ownerOf: (identity, id) => {
      const owner = sql.own.get(identity, id) ?? sql.named.get(identity, id)
      return owner?.["key"] as string | undefined
    },
    insert({ at, depth, detail, host, key, parent, rank = 0, reason, state, url, via }) {
      const { lastInsertRowid } = sql.insert.run(
        key,
        url.href === key ? null : url.href,
        host,
        depth,
        parent ?? null,
        via.length === 0 ? null : JSON.stringify(via),
        state,
        rank,
        reason ?? null,
        detail ?? null,
        at ?? null
      )
      return Number(lastInsertRowid)
    },
    requeue: (id, host, depth) => void sql.requeue.run(host, depth, id),
    end(id, { at, canonical, detail, freshUntil, reason, state, status, validators }) {
      sql.end.run(
        state,
        reason ?? null,
        detail ?? null,
        status ?? null,
        validators?.etag ?? null,
        validators?.modified ?? null,
        validators?.digest ?? null,
        canonical ?? null,
        freshUntil ?? null,
        at,
        id
      )
    },
    retry: (id, attempts, due, cause, at) => void sql.retry.run(attempts, due, cause, at, id),
    postpone: (id, rule, detail) => void sql.postpone.run(rule, detail, id),
    move: (id, url, via) => void sql.move.run(url.href, JSON.stringify(via), id),
    queued: (host, rank, order, limit) =>
      toQueued((order === "bfs" ? sql.queued : sql.queuedLast).all(host, rank, limit)),
    waiting: (host, limit) => toQueued(sql.waiting.all(host, limit)),
    endAll: (host, { at, detail, reason, state }) =>
      Number(sql.endAll.run(state, reason ?? null, detail ?? null, at, host).changes),
    hosts: () => sql.hosts.all().map(toHost),
    addHost: (origin) => Number(sql.addHost.run(origin).lastInsertRowid),
    saveHost({ failures, hasAnswered, id, isAdmitted, nextAt, parks, urls }) {
      const [answered, admitted] = [Number(hasAnswered), Number(isAdmitted)]
      sql.saveHost.run(nextAt, failures, parks, answered, admitted, urls, id)
    },
    saveRobots: (id, { answer, at, body, delayMillis, until }) =>
      void sql.saveRobots.run(answer, body, at, until, delayMillis, id),
    backlogs: () =>
      sql.backlogs.all().map((row) => ({
        host: Number(row["host"]),
        queued: Number(row["queued"]),
        late: Number(row["late"]),
        waiting: Number(row["waiting"]),
        dueMin: row["due"] === null ? Infinity : Number(row["due"])
      })),
    traps: () => sql.traps.all() as unknown as ReadonlyArray<TrapRecord>,
    saveTraps: (changes) => {
      for (const { key, value } of changes) {
        if (value === null) sql.dropTrap.run(key)
        else sql.saveTrap.run(key, value)
      }
    },
    clear: (values) =>
      transaction(() => {
        database.exec(
          "DELETE FROM url; DELETE FROM host; DELETE FROM event; DELETE FROM trap; DELETE FROM state"
        )
        for (const [name, value] of Object.entries(values)) sql.setValue.run(name, value)
      }),
    note: (at, origin, text) => void sql.note.run(at, origin ?? null, text)
  }
}

type Text = string | null
type KnownRow = readonly [id: number, state: number, reason: Text]
/** The columns of a queued URL, in the order in which the statements name them. */
type QueuedRow = readonly [
  ...[id: number, key: string, url: Text, depth: number, via: Text],
  ...[
    attempts: number,
    due: number,
    state: number,
    rank: number,
    etag: Text,
    modified: Text,
    digest: Text,
    canonical: Text
  ]
]

const toQueued = (rows: ReadonlyArray<unknown>): ReadonlyArray<Queued> =>
  (rows as ReadonlyArray<QueuedRow>).map(
    ([
      id,
      key,
      url,
      depth,
      via,
      attempts,
      due,
      state,
      rank,
      etag,
      modified,
      digest,
      canonical
    ]) => ({
      id,
      key,
      url: new URL(url ?? key),
      depth,
      redirectedFrom: via === null ? [] : JSON.parse(via),
      attempts,
      due,
      isWaiting: state === State.waiting,
      rank,
      validators: validatorsOf(etag, modified, digest),
      canonical: canonical ?? undefined
    })
  )

const validatorsOf = (etag: Text, modified: Text, digest: Text): Validators | undefined =>
  etag === null && modified === null && digest === null
    ? undefined
    : {
        etag: etag ?? undefined,
        modified: modified ?? undefined,
        digest: digest ?? undefined
      }

const toHost = (row: Record<string, unknown>): HostRow => ({
  id: Number(row["id"]),
  origin: String(row["origin"]),
  isAdmitted: row["is_admitted"] === 1,
  robotsAnswer: (row["robots_answer"] ?? undefined) as string | undefined,
  robots: (row["robots"] ?? undefined) as string | undefined,
  robotsUntil: Number(row["robots_until"] ?? 0),
  delayMillis: (row["delay"] ?? undefined) as number | undefined,
  nextAt: Number(row["next_at"]),
  failures: Number(row["failures"]),
  parks: Number(row["parks"]),
  hasAnswered: row["has_answered"] === 1,
  urls: Number(row["urls"])
})
