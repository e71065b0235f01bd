-- Instants are microseconds. Engine time unless said otherwise. States, lanes and
-- other small numbers are those of the Go constants, which never change. Checks are
-- spelled with OR: SQLite builds a table for IN each time that a row is written.

-- Unfinished works: the hot table. Finished ones move to done, so that this one
-- and its indexes stay small.
CREATE TABLE work (
  seq           INTEGER PRIMARY KEY,
  spec          INTEGER NOT NULL,
  lane          INTEGER NOT NULL,
  state         INTEGER NOT NULL CHECK (state = 0 OR state = 1 OR state = 4), -- ENQUEUED RUNNING BLOCKED
  due           INTEGER NOT NULL,
  initial_delay INTEGER NOT NULL,
  last_enqueue  INTEGER NOT NULL,
  occurrence    INTEGER NOT NULL, -- wall time
  override      INTEGER NOT NULL,
  override_gen  INTEGER NOT NULL,
  attempts      INTEGER NOT NULL,
  failures      INTEGER NOT NULL,
  crashes       INTEGER NOT NULL,
  losses        INTEGER NOT NULL,
  periods       INTEGER NOT NULL,
  generation    INTEGER NOT NULL,
  epoch         INTEGER NOT NULL,
  stop_reason   INTEGER NOT NULL,
  waiting       INTEGER NOT NULL,
  has_next      INTEGER NOT NULL,
  created       INTEGER NOT NULL,
  finished      INTEGER NOT NULL,
  last_epoch    INTEGER NOT NULL,
  last_started  INTEGER NOT NULL,
  last_ended    INTEGER NOT NULL,
  last_outcome  TEXT,
  last_message  TEXT,
  output        TEXT,
  progress      TEXT,
  id            TEXT NOT NULL,
  name          TEXT,
  tags          TEXT, -- JSON array
  parents       TEXT, -- JSON array of IDs
  input         TEXT,
  merged        TEXT
) STRICT;

-- The works of one group in the order in which they start; seq comes last by itself.
CREATE INDEX work_group ON work (spec, lane, due) WHERE state = 0;
CREATE INDEX work_name ON work (name) WHERE name IS NOT NULL;

CREATE TABLE done (
  seq           INTEGER PRIMARY KEY,
  spec          INTEGER NOT NULL,
  lane          INTEGER NOT NULL,
  state         INTEGER NOT NULL CHECK (state = 2 OR state = 3 OR state = 5), -- SUCCEEDED FAILED CANCELLED
  due           INTEGER NOT NULL,
  initial_delay INTEGER NOT NULL,
  last_enqueue  INTEGER NOT NULL,
  occurrence    INTEGER NOT NULL,
  override      INTEGER NOT NULL,
  override_gen  INTEGER NOT NULL,
  attempts      INTEGER NOT NULL,
  failures      INTEGER NOT NULL,
  crashes       INTEGER NOT NULL,
  losses        INTEGER NOT NULL,
  periods       INTEGER NOT NULL,
  generation    INTEGER NOT NULL,
  epoch         INTEGER NOT NULL,
  stop_reason   INTEGER NOT NULL,
  waiting       INTEGER NOT NULL,
  has_next      INTEGER NOT NULL,
  created       INTEGER NOT NULL,
  finished      INTEGER NOT NULL,
  last_epoch    INTEGER NOT NULL,
  last_started  INTEGER NOT NULL,
  last_ended    INTEGER NOT NULL,
  last_outcome  TEXT,
  last_message  TEXT,
  output        TEXT,
  progress      TEXT,
  id            TEXT NOT NULL,
  name          TEXT,
  tags          TEXT,
  parents       TEXT,
  input         TEXT,
  merged        TEXT
) STRICT;

CREATE INDEX done_finished ON done (finished);
CREATE INDEX done_name ON done (name) WHERE name IS NOT NULL;

-- Every ID, of unfinished and of finished works. An index in each of the two
-- tables would be written twice when a work moves, at random places.
CREATE TABLE id (
  id  TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tags of unfinished works.
CREATE TABLE tag (
  tag TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (tag, seq)
) STRICT, WITHOUT ROWID;

-- Which works (by seq) come after which (by ID).
CREATE TABLE edge (
  parent TEXT NOT NULL,
  child  INTEGER NOT NULL,
  PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;

-- What many works share.
CREATE TABLE spec (
  id        INTEGER PRIMARY KEY,
  task      TEXT NOT NULL,
  retention INTEGER NOT NULL,
  works     INTEGER NOT NULL, -- rows of work and done that refer to it
  body      TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX spec_unused ON spec (id) WHERE works = 0;

CREATE TABLE run (
  seq        INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  work       TEXT NOT NULL,
  spec       INTEGER NOT NULL,
  name       TEXT,
  state      INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  override   INTEGER NOT NULL,
  started    INTEGER NOT NULL,
  stop       INTEGER NOT NULL,
  orphan     INTEGER NOT NULL, -- its work was deleted
  PRIMARY KEY (seq, epoch)
) STRICT, WITHOUT ROWID;

-- What runs left behind on the host.
CREATE TABLE host (
  work  TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  body  TEXT NOT NULL, -- JSON
  PRIMARY KEY (work, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE condition (
  key   TEXT PRIMARY KEY,
  state INTEGER NOT NULL,
  since INTEGER NOT NULL,
  text  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
  signal    INTEGER PRIMARY KEY,
  name      TEXT NOT NULL,
  value     INTEGER NOT NULL, -- -1: unknown
  next      INTEGER NOT NULL,
  settles   INTEGER NOT NULL,
  source    TEXT NOT NULL,
  note      TEXT NOT NULL,
  pretended INTEGER NOT NULL,
  assumed   INTEGER NOT NULL,
  since     INTEGER NOT NULL
) STRICT;

CREATE TABLE plan_task (
  name    TEXT PRIMARY KEY,
  hash    TEXT NOT NULL,
  work    TEXT NOT NULL,
  removed INTEGER NOT NULL,
  pending TEXT -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE zone (
  name TEXT PRIMARY KEY,
  body BLOB NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
  position INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  held     TEXT NOT NULL,
  note     TEXT NOT NULL,
  request  TEXT,  -- JSON: what works made by hand ask for
  uniq     TEXT   -- JSON: their unique name and its policy
) STRICT;

-- Journal entries as lines of JSON, one row a commit.
CREATE TABLE journal (
  first INTEGER PRIMARY KEY, -- seq of the first entry
  last  INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  lines BLOB NOT NULL
) STRICT;

CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  commits     INTEGER NOT NULL, -- how many there were
  at          INTEGER NOT NULL,
  wall_offset INTEGER NOT NULL,
  next_seq    INTEGER NOT NULL,
  spec        INTEGER NOT NULL,
  journal     INTEGER NOT NULL,
  engine      TEXT NOT NULL,
  jobs        INTEGER NOT NULL,
  stopped     INTEGER NOT NULL -- wall time
) STRICT;

-- Requests that a program enqueued in a transaction of its own, as JSON of
-- work.Request; at is wall time. The engine takes them and deletes the rows.
CREATE TABLE inbox (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  request TEXT NOT NULL
) STRICT;
