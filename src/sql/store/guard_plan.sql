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
    IF TG_TABLE_NAME = 'event' THEN
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
    SELECT d.oid, d.datname INTO NEW.database_oid, NEW.database_name
      FROM pg_database d WHERE d.datname = current_database();
    NEW.system_id := NULL;
    IF has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN
        NEW.system_id := (SELECT c.system_identifier::text FROM pg_control_system() c);
    END IF;
    RETURN NEW;
END
$$;

-- The amendment that was made in this transaction, if any.
CREATE FUNCTION orchestrate.amends(of_run bigint) RETURNS orchestrate.amendment
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a FROM orchestrate.amendment a
     WHERE a.run = of_run AND a.xid = pg_current_xact_id()
     ORDER BY a.n DESC LIMIT 1
$$;

-- A phase that is done, or under way in either direction.
CREATE FUNCTION orchestrate.has_begun(of_run bigint, of_phase integer) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT of_phase < t.to_phase OR (of_phase = t.to_phase AND t.to_state NOT IN ('pending', 'undone'))
      FROM orchestrate.transition t
     WHERE t.run = of_run ORDER BY t.seq DESC LIMIT 1
$$;

-- How many steps of the undo of this phase are behind it in the present round: those up to
-- the last one that is done.
CREATE FUNCTION orchestrate.undone(of_run bigint, of_phase integer) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(max(r.ord) + 1, 0)
      FROM orchestrate.step_record r
     WHERE r.run = of_run AND r.phase = of_phase AND r.undo
       AND r.cycle = (SELECT max(t.seq) FROM orchestrate.transition t WHERE t.run = of_run)
$$;

-- The undo of this phase was the last thing that was tried, and failed: what is left of its
-- text may be wrong.  Nothing of it was done, or begun, since.
CREATE FUNCTION orchestrate.undo_failed(of_run bigint, of_phase integer) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT of_phase = t.to_phase - (t.to_state = 'undone')::integer AND t.to_state <> 'pending'
           AND EXISTS (SELECT FROM orchestrate.event e
                        WHERE e.run = of_run AND e.kind = 'undo_failed'
                          AND e.at >= GREATEST(t.at,
                                      (SELECT max(r.at) FROM orchestrate.step_record r
                                        WHERE r.run = of_run AND r.phase = of_phase AND r.undo AND r.cycle = t.seq),
                                      (SELECT max(a.at) FROM orchestrate.attempt a
                                        WHERE a.run = of_run AND a.phase = of_phase AND a.undo)))
      FROM orchestrate.transition t
     WHERE t.run = of_run ORDER BY t.seq DESC LIMIT 1
$$;

-- A plan has as many phases as it says, one after the other; the one where it stands is
-- among them, and when that is done there is one more, unless the run has ended.  Those that have not begun consist
-- of what their checksums say; the others keep those under which they were approved, since
-- one that failed is tried again.
CREATE FUNCTION orchestrate.has_phases(p orchestrate.plan) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other text;
    due integer := (SELECT t.to_phase + (t.to_state = 'done')::integer FROM orchestrate.transition t
                     WHERE t.run = p.run ORDER BY t.seq DESC LIMIT 1);
BEGIN
    IF p.n_phases <> (SELECT count(*) FROM orchestrate.phase f WHERE f.run = p.run AND f.ord < p.n_phases)
       OR EXISTS (SELECT FROM orchestrate.phase f WHERE f.run = p.run AND f.ord >= p.n_phases)
       OR (due >= p.n_phases) <> (p.ended_at IS NOT NULL) THEN
        RAISE EXCEPTION 'run % does not have the % phases that it says', p.name, p.n_phases USING ERRCODE = 'OR003';
    END IF;
    SELECT f.name INTO other
      FROM orchestrate.phase_checksums(p.run, p.code_new) c JOIN orchestrate.phase f ON f.run = p.run AND f.ord = c.ord
     WHERE f.checksum <> c.checksum AND NOT coalesce(orchestrate.has_begun(f.run, f.ord), false)
     ORDER BY f.ord LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'phase % of run % does not consist of what its checksum says', other, p.name
            USING ERRCODE = 'OR003',
                  HINT = 'Approvals are bound to it. Write phases with orchestrate, not by hand.';
    END IF;
END
$$;

-- What a plan is does not change once it is registered, but by an amendment; the epoch
-- only grows; and it has ended when its history says so, or when it was given up.
CREATE FUNCTION orchestrate.plan_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended boolean;
    amends orchestrate.amendment := orchestrate.amends(OLD.run);
BEGIN
    IF (OLD.run, OLD.name, OLD.app, OLD.search_path, OLD.gates_off, OLD.started_by, OLD.started_at)
       IS DISTINCT FROM
       (NEW.run, NEW.name, NEW.app, NEW.search_path, NEW.gates_off, NEW.started_by, NEW.started_at)
       OR (OLD.n_phases, OLD.code_new, OLD.canonical, OLD.checksum)
          IS DISTINCT FROM (NEW.n_phases, NEW.code_new, NEW.canonical, NEW.checksum)
          AND (amends.kind, amends.canonical, amends.checksum) IS DISTINCT FROM ('plan', NEW.canonical, NEW.checksum)
       OR (OLD.system_id, OLD.database_oid, OLD.database_name)
          IS DISTINCT FROM (NEW.system_id, NEW.database_oid, NEW.database_name)
          AND amends.kind IS DISTINCT FROM 'adopt' THEN
        RAISE EXCEPTION 'run % is registered: what it consists of cannot be changed', OLD.name
            USING ERRCODE = 'OR002';
    END IF;
    IF (OLD.n_phases, OLD.code_new, OLD.canonical, OLD.checksum)
       IS DISTINCT FROM (NEW.n_phases, NEW.code_new, NEW.canonical, NEW.checksum) THEN
        PERFORM orchestrate.has_phases(NEW);
    END IF;
    IF NEW.epoch < OLD.epoch THEN
        RAISE EXCEPTION 'run %: an epoch is never given out twice', OLD.name USING ERRCODE = 'OR002';
    END IF;
    IF NEW.ended_at IS DISTINCT FROM OLD.ended_at AND amends.kind IS DISTINCT FROM 'forget' THEN
        IF EXISTS (SELECT FROM orchestrate.amendment a WHERE a.run = OLD.run AND a.kind = 'forget') THEN
            RAISE EXCEPTION 'run % was given up: it has ended', OLD.name USING ERRCODE = 'OR003';
        END IF;
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

-- Claims come with the plan, before its first history row, or with an edit of it.
CREATE FUNCTION orchestrate.claim_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM orchestrate.transition t WHERE t.run = NEW.run)
       AND (orchestrate.amends(NEW.run)).kind IS DISTINCT FROM 'plan' THEN
        RAISE EXCEPTION 'run % is registered: nothing can be added to its %s', NEW.run, TG_TABLE_NAME
            USING ERRCODE = 'OR002';
    END IF;
    RETURN NEW;
END
$$;

-- A table that was only named, and that the edited plan does not work on.
CREATE FUNCTION orchestrate.claim_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.taken_at IS NOT NULL OR (orchestrate.amends(OLD.run)).kind IS DISTINCT FROM 'plan' THEN
        RAISE EXCEPTION 'what run % claims cannot be changed', OLD.run USING ERRCODE = 'OR002';
    END IF;
    RETURN OLD;
END
$$;

-- Phases, steps, gates and promises come with the plan, before its first history row.
-- Later only an amendment changes them: an edit of the plan exchanges phases that have
-- not begun, and what is left of an undo that failed, until the plan itself says what it
-- is now; an adoption the texts, because tables have other oids there.
CREATE FUNCTION orchestrate.program_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    of_run bigint := coalesce(new_row, old_row) ->> 'run';
    of_phase integer := coalesce(new_row, old_row) ->> CASE TG_TABLE_NAME WHEN 'phase' THEN 'ord' ELSE 'phase' END;
    amends orchestrate.amendment := orchestrate.amends(of_run);
    texts text[] := CASE TG_TABLE_NAME WHEN 'phase' THEN '{checksum}'
                    ELSE '{title,prepare,next,sql,done,publish,leftovers,guard,relation,role,lock,risk}' END;
    undo CONSTANT text[] := '{undo,undo_until}';
    allowed boolean;
BEGIN
    IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM orchestrate.transition t WHERE t.run = of_run) THEN
        RETURN NEW;
    END IF;
    allowed := CASE amends.kind
               WHEN 'plan' THEN CASE
                                WHEN amends.checksum = (SELECT p.checksum FROM orchestrate.plan p WHERE p.run = of_run)
                                THEN false
                                WHEN NOT orchestrate.has_begun(of_run, of_phase) THEN TG_OP <> 'UPDATE'
                                WHEN TG_TABLE_NAME = 'step'
                                THEN TG_OP <> 'UPDATE' AND coalesce(new_row, old_row) -> 'undo' = 'true'
                                     AND (coalesce(new_row, old_row) ->> 'ord')::integer >= orchestrate.undone(of_run, of_phase)
                                     AND orchestrate.undo_failed(of_run, of_phase)
                                WHEN TG_TABLE_NAME = 'phase'
                                THEN TG_OP = 'UPDATE' AND old_row - undo = new_row - undo AND new_row ->> 'undo' <> 'never'
                                     AND orchestrate.undo_failed(of_run, of_phase)
                                ELSE false END
               WHEN 'adopt' THEN CASE WHEN TG_TABLE_NAME IN ('gate', 'promise') THEN TG_OP <> 'UPDATE'
                                      ELSE TG_OP = 'UPDATE' AND old_row - texts = new_row - texts END
               END;
    IF allowed THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'run % is registered: nothing can be added to its %s', of_run, TG_TABLE_NAME
            USING ERRCODE = 'OR002';
    END IF;
    RAISE EXCEPTION '% on %.% is refused: what happened stays on record', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'OR002';
END
$$;

-- By whoever owns the run; one that has ended is what it was, unless its last phase could
-- not be undone: then how that is done may be mended.  Another database is for
-- the role that ran init to say: an adoption may touch phases that were done.  It keeps
-- what the phases were until then: an approval does not come back when an edit is undone.
CREATE FUNCTION orchestrate.amendment_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p orchestrate.plan := orchestrate.own(NEW.run, NEW.epoch);
BEGIN
    IF p.ended_at IS NOT NULL
       AND (NEW.kind <> 'plan' OR NOT orchestrate.undo_failed(p.run, p.n_phases - 1)
            OR EXISTS (SELECT FROM orchestrate.amendment a WHERE a.run = p.run AND a.kind = 'forget')) THEN
        RAISE EXCEPTION 'run % has ended: nothing about it can be changed', p.name USING ERRCODE = 'OR003';
    END IF;
    IF NEW.kind = 'adopt'
       AND NOT pg_has_role(session_user, (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'orchestrate'), 'MEMBER') THEN
        RAISE EXCEPTION '% may not adopt run %', session_user, p.name USING ERRCODE = '42501';
    END IF;
    IF NEW.checksum = p.checksum THEN
        RAISE EXCEPTION 'run % is this plan already: there is nothing to exchange', p.name USING ERRCODE = 'OR003';
    END IF;
    NEW.n := 1 + (SELECT count(*) FROM orchestrate.amendment a WHERE a.run = NEW.run);
    NEW.before := p.checksum;
    NEW.detail := NEW.detail || jsonb_build_object('phases',
        (SELECT jsonb_object_agg(f.ord, f.checksum) FROM orchestrate.phase f WHERE f.run = NEW.run));
    NEW.actor := session_user;
    NEW.at := clock_timestamp();
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

-- A run that is given up ends, and lets its tables go.
CREATE FUNCTION orchestrate.amendment_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.kind = 'forget' THEN
        UPDATE orchestrate.plan SET ended_at = NEW.at WHERE run = NEW.run;
        UPDATE orchestrate.claim SET released_at = NEW.at
         WHERE run = NEW.run AND taken_at IS NOT NULL AND released_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;

-- At the end of its transaction the plan is what the edit says, and with that as many
-- phases are there as it has (plan_update).
CREATE FUNCTION orchestrate.amendment_holds() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT p.checksum FROM orchestrate.plan p WHERE p.run = NEW.run)
       IS DISTINCT FROM (SELECT a.checksum FROM orchestrate.amendment a
                          WHERE a.run = NEW.run AND a.kind = 'plan' ORDER BY a.n DESC LIMIT 1) THEN
        RAISE EXCEPTION 'run % has not become what its amendment says', NEW.run USING ERRCODE = 'OR003';
    END IF;
    RETURN NULL;
END
$$;

-- Where another run is adopted, an oid of another database may stand in the way: it is put
-- where no table is, until its own run is adopted.
CREATE FUNCTION orchestrate.makes_room(relid oid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relid)
           AND EXISTS (SELECT FROM orchestrate.amendment a WHERE a.kind = 'adopt' AND a.xid = pg_current_xact_id())
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
    IF TG_OP = 'UPDATE' AND ((OLD.run, OLD.relation, OLD.later, OLD.shared) IS DISTINCT FROM (NEW.run, NEW.relation, NEW.later, NEW.shared)
                             OR (OLD.relid <> NEW.relid
                                 AND (orchestrate.amends(OLD.run)).kind IS DISTINCT FROM 'adopt'
                                 AND NOT orchestrate.makes_room(NEW.relid))
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
