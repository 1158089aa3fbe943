-- The guards of plans, programs and claims, and what all guards share.
--
-- The triggers (triggers.sql) are ENABLE ALWAYS, because a superuser with
-- session_replication_role = replica skips foreign keys and ordinary triggers; what
-- matters is therefore checked here as well.  Trigger functions that write or lock run
-- as the owner of the schema, so that a runner needs no UPDATE beyond a few columns, and
-- with a pinned search_path, so that nobody can put a function in the way.

-- Times as every report shows them: UTC, ISO 8601.
CREATE FUNCTION orchestrate.utc(t timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT pg_catalog.to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Locks the plan row and refuses a process that was overtaken.
CREATE FUNCTION orchestrate.own(of_run bigint, of_epoch bigint) RETURNS orchestrate.plan
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p orchestrate.plan;
BEGIN
    SELECT * INTO p FROM orchestrate.plan WHERE run = of_run FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no run %', of_run USING ERRCODE = 'OR003';
    END IF;
    IF p.epoch IS DISTINCT FROM of_epoch THEN
        RAISE EXCEPTION 'run % was taken over: its epoch is %, this process has %', p.name, p.epoch, of_epoch
            USING ERRCODE = 'OR001';
    END IF;
    RETURN p;
END
$$;

CREATE FUNCTION orchestrate.append_only() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: what happened stays on record', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'OR002';
END
$$;

-- Fields that the writer does not choose.
CREATE FUNCTION orchestrate.stamp() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.at := clock_timestamp();
    IF TG_TABLE_NAME = 'approval' THEN
        NEW.approver := session_user;
    ELSIF TG_TABLE_NAME = 'event' THEN
        NEW.actor := session_user;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION orchestrate.plan_insert() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.started_by := session_user;
    NEW.started_at := clock_timestamp();
    NEW.epoch := 0;
    NEW.holder_pid := NULL;
    NEW.ended_at := NULL;
    RETURN NEW;
END
$$;

-- What a plan is does not change once it is registered; the epoch only grows; and it
-- has ended when its history says so.
CREATE FUNCTION orchestrate.plan_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended boolean;
BEGIN
    IF (OLD.run, OLD.name, OLD.app, OLD.code_new, OLD.canonical, OLD.checksum, OLD.n_phases, OLD.search_path,
        OLD.gates_off, OLD.started_by, OLD.started_at)
       IS DISTINCT FROM
       (NEW.run, NEW.name, NEW.app, NEW.code_new, NEW.canonical, NEW.checksum, NEW.n_phases, NEW.search_path,
        NEW.gates_off, NEW.started_by, NEW.started_at) THEN
        RAISE EXCEPTION 'run % is registered: what it consists of cannot be changed', OLD.name
            USING ERRCODE = 'OR002';
    END IF;
    IF NEW.epoch < OLD.epoch THEN
        RAISE EXCEPTION 'run %: an epoch is never given out twice', OLD.name USING ERRCODE = 'OR002';
    END IF;
    IF NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        SELECT (t.to_state = 'done' AND t.to_phase = OLD.n_phases - 1) OR (t.to_state = 'undone' AND t.to_phase = 0)
          INTO ended
          FROM orchestrate.transition t
         WHERE t.run = OLD.run ORDER BY t.seq DESC LIMIT 1;
        IF coalesce(ended, false) <> (NEW.ended_at IS NOT NULL) THEN
            RAISE EXCEPTION 'run %: its history says when it has ended', OLD.name USING ERRCODE = 'OR003';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

-- Phases, steps, gates and claims come with the plan, before its first history row.
CREATE FUNCTION orchestrate.program_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM orchestrate.transition t WHERE t.run = NEW.run) THEN
        RAISE EXCEPTION 'run % is registered: nothing can be added to its %s', NEW.run, TG_TABLE_NAME
            USING ERRCODE = 'OR002';
    END IF;
    RETURN NEW;
END
$$;

-- Taking a table: one run at a time, or several that only share it.  The advisory
-- lock lets two that come at once see each other.
CREATE FUNCTION orchestrate.claim_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other text;
    ended boolean := (SELECT p.ended_at IS NOT NULL FROM orchestrate.plan p WHERE p.run = NEW.run);
BEGIN
    IF TG_OP = 'UPDATE' AND ((OLD.run, OLD.relid, OLD.relation, OLD.shared)
                             IS DISTINCT FROM (NEW.run, NEW.relid, NEW.relation, NEW.shared)
                             OR (OLD.taken_at IS NOT NULL AND NEW.taken_at IS DISTINCT FROM OLD.taken_at)) THEN
        RAISE EXCEPTION 'what run % claims cannot be changed', OLD.run USING ERRCODE = 'OR002';
    END IF;
    IF NEW.taken_at IS NULL AND NEW.released_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF (NEW.released_at IS NOT NULL) <> coalesce(ended, false) OR NEW.taken_at IS NULL THEN
        RAISE EXCEPTION 'run % keeps its tables until it has ended', NEW.run USING ERRCODE = 'OR003';
    END IF;
    IF NEW.released_at IS NOT NULL THEN
        RETURN NEW;
    END IF;

    PERFORM pg_advisory_xact_lock((1869767528::bigint << 32) | NEW.relid::bigint);
    SELECT p.name INTO other
      FROM orchestrate.claim c JOIN orchestrate.plan p USING (run)
     WHERE c.relid = NEW.relid AND c.run <> NEW.run AND c.taken_at IS NOT NULL AND c.released_at IS NULL
       AND NOT (c.shared AND NEW.shared)
     ORDER BY c.run LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'table % is claimed by plan %', NEW.relation, other
            USING ERRCODE = 'OR004',
                  HINT = format('Wait until %s has ended, or undo it.', other);
    END IF;
    RETURN NEW;
END
$$;
