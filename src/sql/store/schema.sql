-- The tables of the state schema.  What may not happen is forbidden here and in
-- guard_*.sql, not in the program: a second process, an old version of the tool and
-- a person with psql all meet the same rules.
--
-- SQLSTATEs of our own: OR001 the run was taken over (stale epoch), OR002 history
-- is append-only, OR003 the move is not allowed, OR004 another plan has the table,
-- OR005 not by this role.

-- One row: which state this is, and which database it belongs to.
CREATE TABLE orchestrate.meta (
    one           boolean     PRIMARY KEY DEFAULT true CHECK (one),
    version       integer     NOT NULL CHECK (version > 0),
    system_id     text,       -- NULL: the role that ran init may not ask for it
    database_oid  oid         NOT NULL,
    database_name text        NOT NULL,
    environment   text,
    made_by       text        NOT NULL DEFAULT session_user,
    made_at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    upgraded_at   timestamptz
);

-- The legal moves, equal to the rows of src/state/machine.c.  must, must_not: bits
-- 1 the first phase, 2 the last phase, 4 no way back.
CREATE TABLE orchestrate.fsm (
    rule       integer NOT NULL UNIQUE,
    from_state text    NOT NULL,
    on_event   text    NOT NULL,
    must       integer NOT NULL,
    must_not   integer NOT NULL,
    to_state   text    NOT NULL,
    move       integer NOT NULL CHECK (move BETWEEN -1 AND 1),
    why        text    NOT NULL,
    PRIMARY KEY (from_state, to_state, move)
);

-- Runs are numbered below 2^31: the number is half of an advisory lock's key.
CREATE SEQUENCE orchestrate.run_number AS bigint MAXVALUE 2147483647;

CREATE TABLE orchestrate.plan (
    run         bigint      PRIMARY KEY CHECK (run BETWEEN 1 AND 2147483647),
    name        text        NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    description text,
    owner       text,
    ticket      text,
    app         text        NOT NULL DEFAULT '',
    code_new    text,
    source      text        NOT NULL,
    canonical   text        NOT NULL,
    checksum    text        NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    n_phases    integer     NOT NULL CHECK (n_phases BETWEEN 1 AND 32767),
    search_path text        NOT NULL,
    gates_off   text,       -- the environment whose configuration dropped the plan's gates at the start
    -- Where it belongs: a restored or cloned database has these rows, too.
    system_id     text,     -- NULL: the role that started it may not ask for it
    database_oid  oid       NOT NULL,
    database_name text      NOT NULL,
    started_by  text        NOT NULL,
    started_at  timestamptz NOT NULL,
    epoch       bigint      NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    -- Who took the run last; whether it still works on it is what the advisory lock says.
    holder_pid           integer,
    holder_backend_start timestamptz,
    holder_user          text,
    holder_application   text,
    holder_client        text,
    taken_at             timestamptz,
    ended_at             timestamptz
);
CREATE UNIQUE INDEX plan_one_live ON orchestrate.plan (name) WHERE ended_at IS NULL;
CREATE INDEX plan_by_name ON orchestrate.plan (name, run);

CREATE TABLE orchestrate.phase (
    run                bigint  NOT NULL REFERENCES orchestrate.plan,
    ord                integer NOT NULL CHECK (ord >= 0),
    name               text    NOT NULL,
    note               text,
    deploy_before      boolean NOT NULL,
    undo               text    NOT NULL CHECK (undo IN ('instant', 'catch_up', 'lossy', 'never')),
    undo_until         text,
    undo_with_previous boolean NOT NULL,
    checksum           text    NOT NULL, -- of all that the phase consists of; approvals are bound to it
    PRIMARY KEY (run, ord),
    UNIQUE (run, name)
);

CREATE TABLE orchestrate.step (
    run       bigint  NOT NULL,
    phase     integer NOT NULL,
    undo      boolean NOT NULL, -- false: on the way forward
    ord       integer NOT NULL CHECK (ord >= 0),
    id        text    NOT NULL,
    kind      text    NOT NULL CHECK (kind IN ('ddl', 'alone', 'backfill', 'check', 'sql')),
    title     text,
    prepare   text,
    next      text,
    sql       text,
    done      text,
    publish   text,
    leftovers text,
    guard     text,
    relation  text,
    role      text,
    parts     text,
    custom    boolean NOT NULL,
    loses     boolean NOT NULL DEFAULT false, -- no way back behind it; of an undo: it may destroy values
    lock      text    NOT NULL,
    moment    text    NOT NULL DEFAULT 'none', -- a stronger lock, on a partition at a time
    risk      text    NOT NULL CHECK (risk IN ('LOW', 'MEDIUM', 'HIGH')),
    PRIMARY KEY (run, phase, undo, ord),
    UNIQUE (run, id),
    FOREIGN KEY (run, phase) REFERENCES orchestrate.phase
);

CREATE TABLE orchestrate.gate (
    run         bigint  NOT NULL,
    phase       integer NOT NULL,
    ord         integer NOT NULL CHECK (ord >= 0),
    name        text    NOT NULL,
    sql         text    NOT NULL,
    args        text,
    always      boolean NOT NULL,
    overridable boolean NOT NULL,
    must_hold   boolean NOT NULL, -- closed means check_failed, not held
    change      integer NOT NULL, -- whose steps it is about; 0: all of the phase
    PRIMARY KEY (run, phase, ord),
    FOREIGN KEY (run, phase) REFERENCES orchestrate.phase
);

-- What is true of the database when a phase is done and the next one has not begun:
-- a query (ok boolean, text text), or a DO block that raises OR010.
CREATE TABLE orchestrate.promise (
    run   bigint  NOT NULL,
    phase integer NOT NULL,
    ord   integer NOT NULL CHECK (ord >= 0),
    title text    NOT NULL,
    sql   text    NOT NULL,
    PRIMARY KEY (run, phase, ord),
    FOREIGN KEY (run, phase) REFERENCES orchestrate.phase
);

-- What was changed about a registered run, and by whom: its plan was edited, it was
-- adopted in another database, or given up.  Such a row permits, in its own
-- transaction only, what the guards refuse otherwise.
CREATE TABLE orchestrate.amendment (
    run       bigint      NOT NULL REFERENCES orchestrate.plan,
    n         integer     NOT NULL CHECK (n > 0),
    kind      text        NOT NULL CHECK (kind IN ('plan', 'adopt', 'forget')),
    epoch     bigint      NOT NULL,
    before    text        NOT NULL, -- the checksum of the plan until then
    checksum  text        CHECK (checksum ~ '^[0-9a-f]{64}$'),
    canonical text,
    detail    jsonb       NOT NULL DEFAULT '{}',
    actor     text        NOT NULL,
    at        timestamptz NOT NULL,
    xid       xid8        NOT NULL,
    PRIMARY KEY (run, n),
    CHECK ((kind = 'plan') = (checksum IS NOT NULL AND canonical IS NOT NULL))
);

-- The tables that a run works on.  They are named when it is registered, taken when
-- its first phase starts and released when it has ended.
CREATE TABLE orchestrate.claim (
    run         bigint  NOT NULL REFERENCES orchestrate.plan,
    relid       oid     NOT NULL,
    relation    text    NOT NULL,
    later       text,
    shared      boolean NOT NULL,
    taken_at    timestamptz,
    released_at timestamptz,
    PRIMARY KEY (run, relid)
);
CREATE UNIQUE INDEX claim_one_owner ON orchestrate.claim (relid)
    WHERE taken_at IS NOT NULL AND released_at IS NULL AND NOT shared;

-- The history, which is the state: a run stands where its last row says.  The
-- primary key makes every move a compare-and-swap, one foreign key chains the rows,
-- another one knows the legal moves.
--
-- What happened says by itself of which phase and step, and the guards look that they
-- are there when it does: phases that have not begun may be exchanged, and a phase that
-- was undone stays in the history as what it was then.
CREATE TABLE orchestrate.transition (
    run        bigint      NOT NULL,
    seq        bigint      NOT NULL CHECK (seq >= 0),
    prev_seq   bigint      GENERATED ALWAYS AS (seq - 1) STORED,
    from_phase integer,
    from_state text,
    to_phase   integer     NOT NULL,
    phase_name text        NOT NULL,
    to_state   text        NOT NULL,
    move       integer     GENERATED ALWAYS AS (to_phase - from_phase) STORED,
    rule       integer,
    epoch      bigint      NOT NULL,
    attempt    uuid        NOT NULL,
    detail     jsonb       NOT NULL DEFAULT '{}', -- tool, deploy_id, because, error
    actor      text        NOT NULL,
    at         timestamptz NOT NULL,
    xid        xid8        NOT NULL,
    prev_hash  bytea       NOT NULL,
    hash       bytea       NOT NULL,
    PRIMARY KEY (run, seq),
    UNIQUE (run, seq, to_phase, to_state),
    UNIQUE (run, attempt, to_phase, to_state),
    FOREIGN KEY (run) REFERENCES orchestrate.plan,
    FOREIGN KEY (run, prev_seq, from_phase, from_state)
        REFERENCES orchestrate.transition (run, seq, to_phase, to_state),
    FOREIGN KEY (from_state, to_state, move) REFERENCES orchestrate.fsm,
    FOREIGN KEY (rule) REFERENCES orchestrate.fsm (rule),
    CHECK ((seq = 0) = (from_state IS NULL)),
    CHECK ((from_state IS NULL) = (from_phase IS NULL)),
    CHECK ((from_state IS NULL) = (rule IS NULL)),
    CHECK (seq > 0 OR (to_phase = 0 AND to_state = 'pending')),
    CHECK (from_phase IS NULL OR to_phase = from_phase
           OR (to_phase = from_phase + 1 AND from_state = 'done' AND to_state = 'pending')
           OR (to_phase = from_phase - 1 AND from_state = 'undone' AND to_state = 'undoing')),
    CHECK (from_state <> 'done' OR to_phase <> from_phase OR to_state = 'undoing')
);
CREATE INDEX transition_of_phase ON orchestrate.transition (run, to_phase, seq);

-- Which steps are done, or undone.  A phase may come round again after an undo:
-- `cycle` is the history row with which the present round began.
CREATE TABLE orchestrate.step_record (
    run     bigint      NOT NULL,
    phase   integer     NOT NULL,
    undo    boolean     NOT NULL,
    ord     integer     NOT NULL,
    step    text        NOT NULL, -- its id
    title   text,
    cycle   bigint      NOT NULL,
    epoch   bigint      NOT NULL,
    attempt uuid        NOT NULL,
    actor   text        NOT NULL,
    at      timestamptz NOT NULL,
    xid     xid8        NOT NULL,
    PRIMARY KEY (run, phase, undo, ord, cycle),
    FOREIGN KEY (run, cycle) REFERENCES orchestrate.transition (run, seq)
);
CREATE INDEX step_record_by_attempt ON orchestrate.step_record (run, attempt);

-- What was about to be done outside a transaction.
CREATE TABLE orchestrate.attempt (
    run           bigint      NOT NULL,
    attempt       uuid        NOT NULL,
    phase         integer     NOT NULL,
    undo          boolean     NOT NULL,
    ord           integer     NOT NULL,
    epoch         bigint      NOT NULL,
    backend_pid   integer     NOT NULL,
    backend_start timestamptz,
    system_id     text,
    actor         text        NOT NULL,
    at            timestamptz NOT NULL,
    xid           xid8        NOT NULL,
    PRIMARY KEY (run, attempt, phase, undo, ord),
    FOREIGN KEY (run) REFERENCES orchestrate.plan
);

-- How far a backfill is; written in the transaction of a batch.
CREATE TABLE orchestrate.checkpoint (
    run    bigint      NOT NULL,
    phase  integer     NOT NULL,
    undo   boolean     NOT NULL,
    ord    integer     NOT NULL,
    job    integer     NOT NULL DEFAULT 0 CHECK (job >= 0),
    cycle  bigint      NOT NULL,
    epoch  bigint      NOT NULL,
    cursor text,
    rows   bigint      NOT NULL CHECK (rows >= 0),
    total  bigint      NOT NULL CHECK (total >= 0),
    at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (run, phase, undo, ord, job),
    FOREIGN KEY (run) REFERENCES orchestrate.plan
);

-- What a person may change while the run is under way.
CREATE TABLE orchestrate.control (
    run       bigint      PRIMARY KEY REFERENCES orchestrate.plan,
    paused    boolean     NOT NULL DEFAULT false,
    because   text,
    paused_by text,
    paused_at timestamptz,
    stop      boolean     NOT NULL DEFAULT false,
    -- As the plan makes them; and those that `orchestrate set` puts in their place.
    settings  jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(settings) = 'object'),
    live      jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(live) = 'object')
);

-- Consent and approvals: who, for which text of the phase.  Taken back by a row
-- with `revokes`, never by deleting.
CREATE TABLE orchestrate.approval (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run            bigint      NOT NULL,
    phase          integer     NOT NULL,
    phase_name     text        NOT NULL,
    phase_checksum text        NOT NULL,
    approver       text        NOT NULL,
    because        text,
    consent        boolean     NOT NULL DEFAULT false,
    revokes        boolean     NOT NULL DEFAULT false,
    at             timestamptz NOT NULL,
    FOREIGN KEY (run) REFERENCES orchestrate.plan
);
CREATE INDEX approval_of_phase ON orchestrate.approval (run, phase);

-- What a gate saw, a row for each change.
CREATE TABLE orchestrate.gate_evidence (
    id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run      bigint      NOT NULL,
    phase    integer     NOT NULL,
    gate     text        NOT NULL,
    evidence jsonb       NOT NULL,
    at       timestamptz NOT NULL,
    FOREIGN KEY (run) REFERENCES orchestrate.plan
);
CREATE INDEX gate_evidence_latest ON orchestrate.gate_evidence (run, phase, gate, id);

-- Rollouts of an application.  status NULL: under way, as far as we were told.
CREATE TABLE orchestrate.deploy (
    app        text        NOT NULL,
    id         text        NOT NULL CHECK (id <> ''),
    version    text,
    status     text        CHECK (status IN ('success', 'failed', 'cancelled', 'skipped', 'rolled_back')),
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    ended_at   timestamptz,
    PRIMARY KEY (app, id),
    CHECK ((status IS NULL) = (ended_at IS NULL))
);
CREATE INDEX deploy_by_id ON orchestrate.deploy (id);

-- How far a deploy carries a run: fixed by its first call.  Which phases it did
-- carry stands in the detail of their history rows.
CREATE TABLE orchestrate.deploy_target (
    run        bigint      NOT NULL,
    id         text        NOT NULL CHECK (id <> ''),
    app        text        NOT NULL,
    target     integer,     -- NULL: it takes no step
    wanted     text,        -- the --to of that call; NULL: one phase
    hold       text,        -- why it takes no step: a hotfix
    at         timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    reached_at timestamptz,
    PRIMARY KEY (run, id),
    CHECK ((target IS NULL) = (hold IS NOT NULL)),
    FOREIGN KEY (app, id) REFERENCES orchestrate.deploy,
    FOREIGN KEY (run) REFERENCES orchestrate.plan
);

-- What is worth keeping beside the history: retries, blockers, pauses, overrides.
CREATE TABLE orchestrate.event (
    id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run    bigint      REFERENCES orchestrate.plan,
    kind   text        NOT NULL,
    phase  text,
    step   text,
    detail jsonb       NOT NULL DEFAULT '{}',
    actor  text        NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX event_of_run ON orchestrate.event (run, at);

-- ALTER DEFAULT PRIVILEGES may have taken something from owners, too.
GRANT ALL ON ALL TABLES IN SCHEMA orchestrate TO CURRENT_USER;
GRANT ALL ON ALL SEQUENCES IN SCHEMA orchestrate TO CURRENT_USER;
