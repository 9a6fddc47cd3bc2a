/** What the store says to SQLite. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import { State } from "./schema.ts"

const columns = `id, key, url, depth, via, attempts, due, state, rank, etag, modified, digest,
  canonical`

const fresh = `state = ${State.queued}, reason = NULL, detail = NULL, attempts = 0, due = 0`

/** Done, and in the output by now. */
const isRow = `state = ${State.done} AND (reason IS NULL OR reason = 'unchanged')`

/** Each is compiled once. */
export const statements = (database: DatabaseSync) => {
  const compile = (text: string): Statement => database.prepare(text)
  /** Its rows are arrays, which cost less than objects. */
  const compileRows = (text: string): Statement => {
    const statement = database.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
  const queued = (direction: "ASC" | "DESC") =>
    compileRows(
      `SELECT ${columns} FROM url WHERE host = ? AND rank = ? AND state = ${State.queued}` +
        ` ORDER BY id ${direction} LIMIT ?`
    )
  return {
    value: compile("SELECT value FROM state WHERE name = ?"),
    setValue: compile("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)"),
    find: compileRows("SELECT id, state, reason FROM url WHERE key = ?"),
    own: compile(
      `SELECT key FROM url WHERE key = ? AND canonical IS NULL AND ${isRow} AND id <> ?`
    ),
    named: compile(`SELECT key FROM url WHERE canonical = ? AND ${isRow} AND id <> ? LIMIT 1`),
    insert: compile(
      "INSERT INTO url (key, url, host, depth, parent, via, state, rank, reason, detail, at)" +
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    requeue: compile(
      `UPDATE url SET state = ${State.queued}, reason = NULL, detail = NULL, host = ?, depth = ? WHERE id = ?`
    ),
    requeueDone: compile(
      `UPDATE url SET ${fresh} WHERE state = ${State.done} AND coalesce(fresh_until, 0) <= ?`
    ),
    doneBy: compile(
      `SELECT reason, count(*) AS count FROM url WHERE state = ${State.done} AND reason IS NOT NULL` +
        " GROUP BY reason"
    ),
    requeueReason: compile(`UPDATE url SET ${fresh} WHERE state = ? AND reason = ?`),
    end: compile(
      "UPDATE url SET state = ?, reason = ?, detail = ?, status = ?, etag = ?, modified = ?," +
        " digest = ?, canonical = ?, fresh_until = ?, at = ? WHERE id = ?"
    ),
    retry: compile(
      `UPDATE url SET state = ${State.waiting}, attempts = ?, due = ?, reason = ?, at = ? WHERE id = ?`
    ),
    postpone: compile(
      `UPDATE url SET state = ${State.queued}, rank = 1, reason = ?, detail = ? WHERE id = ?`
    ),
    traps: compile("SELECT key, value FROM trap"),
    saveTrap: compile("INSERT OR REPLACE INTO trap (key, value) VALUES (?, ?)"),
    dropTrap: compile("DELETE FROM trap WHERE key = ?"),
    move: compile(`UPDATE url SET url = ?, via = ?, state = ${State.queued} WHERE id = ?`),
    queued: queued("ASC"),
    queuedLast: queued("DESC"),
    waiting: compileRows(
      `SELECT ${columns} FROM url WHERE host = ? AND state = ${State.waiting} ORDER BY due LIMIT ?`
    ),
    endAll: compile(
      "UPDATE url SET state = ?, reason = ?, detail = ?, at = ?" +
        ` WHERE host = ? AND state IN (${State.queued}, ${State.waiting})`
    ),
    hosts: compile("SELECT * FROM host"),
    addHost: compile("INSERT INTO host (origin) VALUES (?)"),
    saveHost: compile(
      "UPDATE host SET next_at = ?, failures = ?, parks = ?, has_answered = ?, is_admitted = ?, urls = ?" +
        " WHERE id = ?"
    ),
    saveRobots: compile(
      "UPDATE host SET robots_answer = ?, robots = ?, robots_at = ?, robots_until = ?, delay = ?" +
        " WHERE id = ?"
    ),
    backlogs: compile(
      "SELECT host, sum(queued) AS queued, sum(late) AS late, sum(waiting) AS waiting," +
        " min(due) AS due FROM (SELECT host, sum(rank = 0) AS queued, sum(rank > 0) AS late," +
        ` 0 AS waiting, NULL AS due FROM url WHERE state = ${State.queued} GROUP BY host UNION ALL` +
        ` SELECT host, 0, 0, count(*), min(due) FROM url WHERE state = ${State.waiting} GROUP BY host` +
        ") GROUP BY host"
    ),
    note: compile("INSERT INTO event (at, origin, text) VALUES (?, ?, ?)")
  }
}

interface Statement {
  all(...values: Array<SQLInputValue>): ReturnType<StatementSync["all"]>
  get(...values: Array<SQLInputValue>): ReturnType<StatementSync["get"]>
  run(...values: Array<SQLInputValue>): ReturnType<StatementSync["run"]>
}
