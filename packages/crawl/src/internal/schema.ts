/** The tables of a job, and how a database is set up for them. */
import type { DatabaseSync } from "node:sqlite"

/** Raised with each change of the tables: a job of another version is not opened. */
export const schemaVersion = 7

/** What has become of a URL, as `url.state` has it. */
export const State = { queued: 0, waiting: 1, done: 2, failed: 3, skipped: 4 } as const

/** Why pages are skipped whose robots.txt is not available for now. */
export const robotsUnavailable = "robots unavailable"

/**
 * A URL is found by its key. In the index keys of one folder are near each other, as links of one page are, and no
 * site can make many of them alike, as it could with hashes. The small indexes hold what is left to do, and
 * nothing that is done, so their cost is that of the queue.
 */
const tables = `
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE host (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL UNIQUE,
  is_admitted INTEGER NOT NULL DEFAULT 0, -- let in by a redirect of a seed
  robots_answer TEXT,          -- NULL until asked; 'rules', 'unavailable', 'unreachable'
  robots TEXT,                 -- the body, or why there is none
  robots_at INTEGER,
  robots_until INTEGER,        -- asked for again after this
  delay INTEGER,               -- milliseconds between the starts of two requests
  next_at INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0, -- requests without an answer, one after the other
  parks INTEGER NOT NULL DEFAULT 0,
  has_answered INTEGER NOT NULL DEFAULT 0,
  urls INTEGER NOT NULL DEFAULT 0 -- that were taken to be fetched, whatever has become of them
) STRICT;
CREATE TABLE url (
  id INTEGER PRIMARY KEY,      -- in the order in which they were found
  key TEXT NOT NULL,
  url TEXT,                    -- what to fetch, where it is not the key
  host INTEGER NOT NULL,       -- 0 when it is skipped and its host is none of ours
  depth INTEGER NOT NULL,
  parent INTEGER,              -- the page that it was first found on
  via TEXT,                    -- keys of the redirects to it, as JSON
  state INTEGER NOT NULL,      -- 0 queued, 1 waiting to be tried again, 2 done, 3 failed, 4 skipped
  rank INTEGER NOT NULL DEFAULT 0, -- 1 when it comes after everything else of its host
  reason TEXT,                 -- the rule that skipped or postponed it, the cause that failed it
  detail TEXT,                 -- the same in a sentence
  attempts INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  etag TEXT,
  modified TEXT,
  digest TEXT,
  canonical TEXT,              -- the key that the page gives as its own, where that is another one
  fresh_until INTEGER,         -- a page that is done need not be asked for again before, its server has said
  at INTEGER                   -- when it got its state, in milliseconds
) STRICT;
CREATE UNIQUE INDEX url_key ON url (key);
CREATE INDEX url_queued ON url (host, rank, id) WHERE state = 0;
CREATE INDEX url_canonical ON url (canonical) WHERE canonical IS NOT NULL;
CREATE INDEX url_waiting ON url (host, due) WHERE state = 1;
CREATE TABLE trap (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, origin TEXT, text TEXT NOT NULL) STRICT;
`

/** The version of the tables in a database; 0 when there are none. */
export const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare("PRAGMA user_version").get()!["user_version"])

/** Makes the tables, all or none. */
export const create = (database: DatabaseSync): void =>
  database.exec(`BEGIN; ${tables} PRAGMA user_version = ${schemaVersion}; COMMIT`)
