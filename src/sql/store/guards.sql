-- The guards of the state tables.  Their triggers are ENABLE ALWAYS, because a
-- superuser with session_replication_role = replica skips foreign keys and ordinary
-- triggers; what matters is therefore checked here as well.  Trigger functions run as
-- the owner of the schema, so that a runner needs no UPDATE beyond a few columns, and
-- with a pinned search_path, so that nobody can put a function in the way.

-- Times as every report shows them: UTC, ISO 8601.
CREATE FUNCTION orchestrate.utc(t timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT pg_catalog.to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- A field of a hashed form.  Its length in front, so that two rows never look alike.
CREATE FUNCTION orchestrate.field(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN value IS NULL THEN '-;'
                ELSE pg_catalog.octet_length(pg_catalog.convert_to(value, 'UTF8'))::text || ':' || value || ';' END
$$;

-- The hash of a history row: of the hash before it and of all that the row says, in
-- formats that no setting changes.
CREATE FUNCTION orchestrate.transition_hash(t orchestrate.transition) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(t.prev_hash || convert_to(string_agg(orchestrate.field(f.value), '' ORDER BY f.n), 'UTF8'))
      FROM unnest(ARRAY[t.run::text, t.seq::text, t.from_phase::text, t.from_state, t.to_phase::text, t.to_state,
                        t.rule::text, t.epoch::text, t.attempt::text, t.detail::text, t.actor,
                        to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), t.xid::text])
           WITH ORDINALITY AS f (value, n)
$$;

-- The history row with which the present round of a phase began; NULL: not begun.
-- A retry after a failure belongs to the same round.
CREATE FUNCTION orchestrate.cycle(of_run bigint, of_phase integer, of_undo boolean) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT max(t.seq)
      FROM orchestrate.transition t
     WHERE t.run = of_run AND t.to_phase = of_phase
       AND CASE WHEN of_undo THEN t.to_state = 'undoing'
                ELSE t.to_state = 'running' AND t.from_state IN ('pending', 'undone') END
$$;

-- What every batch of a backfill begins with.  The share lock makes a take-over wait
-- for the batch, and the batch fail when the take-over came first.
CREATE FUNCTION orchestrate.fence(of_run bigint, of_epoch bigint,
                                  OUT stop boolean, OUT paused boolean, OUT epoch_ok boolean)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p record;
BEGIN
    SELECT name, epoch INTO p FROM orchestrate.plan WHERE run = of_run FOR SHARE;
    IF p.epoch IS DISTINCT FROM of_epoch THEN
        RAISE EXCEPTION 'run % was taken over: its epoch is %, this process has %', p.name, p.epoch, of_epoch
            USING ERRCODE = 'OR001';
    END IF;
    SELECT c.stop, c.paused, true INTO stop, paused, epoch_ok FROM orchestrate.control c WHERE c.run = of_run;
END
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
        OLD.started_by, OLD.started_at)
       IS DISTINCT FROM
       (NEW.run, NEW.name, NEW.app, NEW.code_new, NEW.canonical, NEW.checksum, NEW.n_phases, NEW.search_path,
        NEW.started_by, NEW.started_at) THEN
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

-- What a phase consists of may not be seen half: the first history row seals it.
CREATE FUNCTION orchestrate.transition_first(p orchestrate.plan, t orchestrate.transition) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF t.from_state IS NOT NULL OR t.to_phase <> 0 OR t.to_state <> 'pending' THEN
        RAISE EXCEPTION 'the history of run % begins with phase 0 pending', p.name USING ERRCODE = 'OR003';
    END IF;
    IF p.n_phases <> (SELECT count(*) FROM orchestrate.phase f WHERE f.run = p.run AND f.ord < p.n_phases)
       OR EXISTS (SELECT FROM orchestrate.phase f WHERE f.run = p.run AND f.ord >= p.n_phases) THEN
        RAISE EXCEPTION 'run % does not have the % phases that it says', p.name, p.n_phases USING ERRCODE = 'OR003';
    END IF;
END
$$;

-- A move along the machine.  Checks by itself what the foreign keys check too.
CREATE FUNCTION orchestrate.transition_next(p orchestrate.plan, t orchestrate.transition, before orchestrate.transition)
    RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    edge orchestrate.fsm;
    facts integer;
BEGIN
    IF before IS NULL OR (before.to_phase, before.to_state) IS DISTINCT FROM (t.from_phase, t.from_state) THEN
        RAISE EXCEPTION 'run %: history row % does not follow from the one before it', p.name, t.seq
            USING ERRCODE = 'OR003';
    END IF;
    SELECT * INTO edge FROM orchestrate.fsm f
     WHERE f.from_state = t.from_state AND f.to_state = t.to_state AND f.move = t.to_phase - t.from_phase;
    IF NOT FOUND OR t.rule <> edge.rule THEN
        RAISE EXCEPTION 'run %: from % in phase % there is no move to % in phase %',
            p.name, t.from_state, t.from_phase, t.to_state, t.to_phase USING ERRCODE = 'OR003';
    END IF;
    facts := (t.from_phase = 0)::integer * 1 + (t.from_phase = p.n_phases - 1)::integer * 2
             + (t.from_state <> 'pending' AND EXISTS (SELECT FROM orchestrate.phase f
                                                       WHERE f.run = p.run AND f.ord = t.to_phase
                                                         AND f.undo = 'never'))::integer * 4;
    IF facts & edge.must <> edge.must OR facts & edge.must_not <> 0 THEN
        RAISE EXCEPTION 'run %: no move from % to % in phase % (%)', p.name, t.from_state, t.to_state, t.from_phase,
            CASE WHEN facts & edge.must_not & 4 <> 0 THEN 'past the point of no return'
                 WHEN t.to_state = 'running' THEN 'the run has ended'
                 ELSE 'not in this phase' END
            USING ERRCODE = 'OR003';
    END IF;
    RETURN edge.rule;
END
$$;

CREATE FUNCTION orchestrate.transition_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p orchestrate.plan;
    before orchestrate.transition;
BEGIN
    p := orchestrate.own(NEW.run, NEW.epoch);
    IF NEW.seq = 0 THEN
        PERFORM orchestrate.transition_first(p, NEW);
        NEW.prev_hash := decode(p.checksum, 'hex');
    ELSE
        SELECT * INTO before FROM orchestrate.transition t WHERE t.run = NEW.run AND t.seq = NEW.seq - 1;
        NEW.rule := orchestrate.transition_next(p, NEW, before);
        NEW.prev_hash := before.hash;
    END IF;
    NEW.actor := session_user;
    NEW.at := clock_timestamp();
    NEW.xid := pg_current_xact_id();
    NEW.hash := orchestrate.transition_hash(NEW);
    RETURN NEW;
END
$$;

-- The last move ends the run and lets its tables go; undoing the last phase takes
-- both back, if nobody else has come meanwhile.
CREATE FUNCTION orchestrate.transition_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_phase boolean := EXISTS (SELECT FROM orchestrate.plan p
                                   WHERE p.run = NEW.run AND p.n_phases - 1 = NEW.to_phase);
BEGIN
    IF (NEW.to_state = 'done' AND last_phase) OR (NEW.to_state = 'undone' AND NEW.to_phase = 0) THEN
        UPDATE orchestrate.plan SET ended_at = NEW.at WHERE run = NEW.run;
        UPDATE orchestrate.claim SET released_at = NEW.at
         WHERE run = NEW.run AND taken_at IS NOT NULL AND released_at IS NULL;
    ELSIF NEW.from_state = 'done' AND NEW.to_state = 'undoing' AND last_phase THEN
        UPDATE orchestrate.plan SET ended_at = NULL WHERE run = NEW.run;
        UPDATE orchestrate.claim SET released_at = NULL WHERE run = NEW.run AND taken_at IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;

-- Who did a step, and in which round.  Only in the phase that is under way.
CREATE FUNCTION orchestrate.step_record_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p orchestrate.plan;
    stands orchestrate.transition;
BEGIN
    p := orchestrate.own(NEW.run, NEW.epoch);
    SELECT * INTO stands FROM orchestrate.transition t WHERE t.run = NEW.run ORDER BY t.seq DESC LIMIT 1;
    IF (stands.to_phase, stands.to_state)
       IS DISTINCT FROM (NEW.phase, CASE WHEN NEW.undo THEN 'undoing' ELSE 'running' END) THEN
        RAISE EXCEPTION 'run % stands at phase % %, there is no step of phase % to record',
            p.name, stands.to_phase, stands.to_state, NEW.phase USING ERRCODE = 'OR003';
    END IF;
    NEW.cycle := orchestrate.cycle(NEW.run, NEW.phase, NEW.undo);
    NEW.actor := session_user;
    NEW.at := clock_timestamp();
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

CREATE FUNCTION orchestrate.attempt_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM orchestrate.own(NEW.run, NEW.epoch);
    NEW.actor := session_user;
    NEW.at := clock_timestamp();
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

-- A checkpoint belongs to the round and to the process that owns the run.  The batch
-- holds the plan row already (orchestrate.fence), so it is not locked again here.
CREATE FUNCTION orchestrate.checkpoint_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p record;
BEGIN
    SELECT name, epoch INTO p FROM orchestrate.plan WHERE run = NEW.run;
    IF p.epoch IS DISTINCT FROM NEW.epoch THEN
        RAISE EXCEPTION 'run % was taken over: its epoch is %, this process has %', p.name, p.epoch, NEW.epoch
            USING ERRCODE = 'OR001';
    END IF;
    NEW.cycle := orchestrate.cycle(NEW.run, NEW.phase, NEW.undo);
    NEW.at := clock_timestamp();
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

DO $$
DECLARE
    t text;
    kept text[] := '{transition,step_record,event,attempt,gate_evidence,approval,phase,step,gate,fsm}';
BEGIN
    FOREACH t IN ARRAY kept LOOP
        EXECUTE format('CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.append_only()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER kept', t);
    END LOOP;
    FOREACH t IN ARRAY '{plan,claim}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER kept BEFORE DELETE ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.append_only()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER kept', t);
    END LOOP;
    FOREACH t IN ARRAY kept || '{plan,claim}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER kept_whole BEFORE TRUNCATE ON orchestrate.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION orchestrate.append_only()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER kept_whole', t);
    END LOOP;
    FOREACH t IN ARRAY '{phase,step,gate,claim}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER sealed BEFORE INSERT ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.program_insert()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER sealed', t);
    END LOOP;
    FOREACH t IN ARRAY '{event,gate_evidence,approval}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER stamp BEFORE INSERT ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.stamp()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER stamp', t);
    END LOOP;
END
$$;

CREATE TRIGGER guard BEFORE INSERT ON orchestrate.plan
    FOR EACH ROW EXECUTE FUNCTION orchestrate.plan_insert();
CREATE TRIGGER guard_update BEFORE UPDATE ON orchestrate.plan
    FOR EACH ROW EXECUTE FUNCTION orchestrate.plan_update();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.transition
    FOR EACH ROW EXECUTE FUNCTION orchestrate.transition_insert();
CREATE TRIGGER ends AFTER INSERT ON orchestrate.transition
    FOR EACH ROW EXECUTE FUNCTION orchestrate.transition_inserted();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.step_record
    FOR EACH ROW EXECUTE FUNCTION orchestrate.step_record_insert();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.attempt
    FOR EACH ROW EXECUTE FUNCTION orchestrate.attempt_insert();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON orchestrate.checkpoint
    FOR EACH ROW EXECUTE FUNCTION orchestrate.checkpoint_write();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON orchestrate.claim
    FOR EACH ROW EXECUTE FUNCTION orchestrate.claim_write();
ALTER TABLE orchestrate.plan ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.plan ENABLE ALWAYS TRIGGER guard_update;
ALTER TABLE orchestrate.transition ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.transition ENABLE ALWAYS TRIGGER ends;
ALTER TABLE orchestrate.step_record ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.attempt ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.checkpoint ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.claim ENABLE ALWAYS TRIGGER guard;
