PRAGMA application_id = 1819634796;;
CREATE TABLE lull_migration (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, at INTEGER NOT NULL) STRICT;;
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
) STRICT;;
CREATE INDEX work_group ON work (spec, lane, due) WHERE state = 0;;
CREATE INDEX work_name ON work (name) WHERE name IS NOT NULL;;
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
) STRICT;;
CREATE INDEX done_finished ON done (finished);;
CREATE INDEX done_name ON done (name) WHERE name IS NOT NULL;;
CREATE TABLE id (
  id  TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;;
CREATE TABLE tag (
  tag TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (tag, seq)
) STRICT, WITHOUT ROWID;;
CREATE TABLE edge (
  parent TEXT NOT NULL,
  child  INTEGER NOT NULL,
  PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;;
CREATE TABLE spec (
  id        INTEGER PRIMARY KEY,
  task      TEXT NOT NULL,
  retention INTEGER NOT NULL,
  works     INTEGER NOT NULL, -- rows of work and done that refer to it
  body      TEXT NOT NULL -- JSON
) STRICT;;
CREATE INDEX spec_unused ON spec (id) WHERE works = 0;;
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
) STRICT, WITHOUT ROWID;;
CREATE TABLE host (
  work  TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  body  TEXT NOT NULL, -- JSON
  PRIMARY KEY (work, epoch)
) STRICT, WITHOUT ROWID;;
CREATE TABLE condition (
  key   TEXT PRIMARY KEY,
  state INTEGER NOT NULL,
  since INTEGER NOT NULL,
  text  TEXT NOT NULL
) STRICT, WITHOUT ROWID;;
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
) STRICT;;
CREATE TABLE plan_task (
  name    TEXT PRIMARY KEY,
  hash    TEXT NOT NULL,
  work    TEXT NOT NULL,
  removed INTEGER NOT NULL,
  pending TEXT -- JSON
) STRICT, WITHOUT ROWID;;
CREATE TABLE zone (
  name TEXT PRIMARY KEY,
  body BLOB NOT NULL -- JSON
) STRICT, WITHOUT ROWID;;
CREATE TABLE task (
  position INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  held     TEXT NOT NULL,
  note     TEXT NOT NULL,
  request  TEXT,  -- JSON: what works made by hand ask for
  uniq     TEXT   -- JSON: their unique name and its policy
) STRICT;;
CREATE TABLE journal (
  first INTEGER PRIMARY KEY, -- seq of the first entry
  last  INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  lines BLOB NOT NULL
) STRICT;;
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
) STRICT;;
CREATE TABLE inbox (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  request TEXT NOT NULL
) STRICT;;
INSERT INTO condition VALUES ('charging',1,3,'yes');;
INSERT INTO done VALUES (2,1,0,3,2,0,-1,0,9223372036854775807,0,0,0,0,0,0,0,0,-256,0,0,0,5,0,0,0,NULL,NULL,'{"a":"ä"}',NULL,'w2',NULL,'["t"]','["w1"]','{"n":2}',NULL);;
INSERT INTO edge VALUES ('w1',2);;
INSERT INTO fact VALUES (0,'charging',1,0,0,'sysfs','',0,0,3);;
INSERT INTO host VALUES ('w1',1,'{"work":"w1","epoch":1,"pid":5}');;
INSERT INTO id VALUES ('w1',1);;
INSERT INTO id VALUES ('w2',2);;
INSERT INTO id VALUES ('w3',3);;
INSERT INTO id VALUES ('w4',4);;
INSERT INTO journal VALUES (1,1,1,X'7B22736571223A317D0A');;
INSERT INTO lull_migration VALUES (1,'5cb5f951115182b8832646cf2c310d4b3f8f5d4f255afdd752ce8ed2560b34c6',1795616829816087);;
INSERT INTO meta VALUES (1,1,7,8,3,1,2,'66d08b8abca022f7',4,9);;
INSERT INTO plan_task VALUES ('t','h','w1',0,'{"name":"t","hash":"","nodes":[{"request":{"task":"t"}}]}');;
INSERT INTO run VALUES (1,1,'w1',1,'n',1,1,0,0,0,-256,0);;
INSERT INTO run VALUES (4,1,'w4',1,NULL,0,1,0,0,0,-256,0);;
INSERT INTO spec VALUES (1,'t',3,4,'{"task":"t","needs":{"charging":true},"every":6,"backoff":"","backoff_delay":0,"attempts":0,"on_failure":"","grace":0,"merger":"","retention":3}');;
INSERT INTO tag VALUES ('t',1);;
INSERT INTO tag VALUES ('t',3);;
INSERT INTO tag VALUES ('t',4);;
INSERT INTO task VALUES (0,'t','not-in-plan','gone',NULL,NULL);;
INSERT INTO work VALUES (1,1,0,1,1,0,-1,0,9223372036854775807,0,1,0,0,0,0,0,1,-256,0,1,0,0,0,0,0,NULL,NULL,NULL,NULL,'w1','n','["t"]',NULL,'{"n":1}',NULL);;
INSERT INTO work VALUES (3,1,0,0,3,0,-1,0,9223372036854775807,0,0,0,0,0,0,0,0,-256,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,'w3',NULL,'["t"]',NULL,'{"n":3}',NULL);;
INSERT INTO work VALUES (4,1,0,0,4,0,-1,0,9223372036854775807,0,0,0,0,0,0,0,0,-256,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,'w4',NULL,'["t"]',NULL,'{"n":4}',NULL);;
INSERT INTO zone VALUES ('UTC',X'7B7D');;
