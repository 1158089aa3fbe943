-- The guards of the history: each row follows from the one before it along a legal
-- move, is written by the process that owns the run, and carries the hash of all before.

-- A field of a hashed form.  Its length in front, so that two rows never look alike.
CREATE FUNCTION orchestrate.field(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN value IS NULL THEN '-;'
                ELSE pg_catalog.length(value)::text || ':' || value || ';' END
$$;

-- The hash of a history row: of the hash before it and of all that the row says, in
-- formats that no setting changes.
CREATE FUNCTION orchestrate.transition_hash(t orchestrate.transition) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT pg_catalog.sha256(t.prev_hash || pg_catalog.convert_to(
           orchestrate.field(t.run::text) || orchestrate.field(t.seq::text)
           || orchestrate.field(t.from_phase::text) || orchestrate.field(t.from_state)
           || orchestrate.field(t.to_phase::text) || orchestrate.field(t.phase_name) || orchestrate.field(t.to_state)
           || orchestrate.field(t.rule::text) || orchestrate.field(t.epoch::text)
           || orchestrate.field(t.attempt::text) || orchestrate.field(t.detail::text) || orchestrate.field(t.actor)
           || orchestrate.field(pg_catalog.to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
           || orchestrate.field(t.xid::text), 'UTF8'))
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

-- Something of this step may have happened in the present round, whether it is recorded or not.
CREATE FUNCTION orchestrate.attempted(of_run bigint, of_phase integer, of_ord integer) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM orchestrate.attempt a
                     JOIN orchestrate.transition t ON t.run = a.run
                    WHERE a.run = of_run AND a.phase = of_phase AND NOT a.undo AND a.ord = of_ord
                      AND t.seq = orchestrate.cycle(of_run, of_phase, false) AND a.epoch >= t.epoch)
$$;

-- The name that a phase has now.
CREATE FUNCTION orchestrate.phase_name(of_run bigint, of_phase integer) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named text := (SELECT f.name FROM orchestrate.phase f WHERE f.run = of_run AND f.ord = of_phase);
BEGIN
    IF named IS NULL THEN
        RAISE EXCEPTION 'run % has no phase %', of_run, of_phase USING ERRCODE = 'OR003';
    END IF;
    RETURN named;
END
$$;

-- There is no way back behind this phase: with steps that say so themselves, once one of
-- them is done in the present round, or a backfill of that kind has begun.  Else once it
-- has begun, but for a first statement that is not recorded: either it goes with its record,
-- or who rolls back asks whether it has happened.
CREATE FUNCTION orchestrate.past_return(of_run bigint, of_phase integer) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM orchestrate.phase f WHERE f.run = of_run AND f.ord = of_phase AND f.undo = 'never')
           AND (count(*) = 0 AND NOT EXISTS (
                    SELECT FROM orchestrate.step f
                     WHERE f.run = of_run AND f.phase = of_phase AND NOT f.undo AND f.ord = 0 AND f.kind IN ('ddl', 'alone')
                       AND NOT EXISTS (SELECT FROM orchestrate.step_record r
                                        WHERE r.run = of_run AND r.phase = of_phase AND NOT r.undo AND r.ord = f.ord
                                          AND r.cycle = orchestrate.cycle(of_run, of_phase, false)))
                OR bool_or(EXISTS (SELECT FROM orchestrate.step_record r
                                    WHERE r.run = of_run AND r.phase = of_phase AND NOT r.undo AND r.ord = s.ord
                                      AND r.cycle = orchestrate.cycle(of_run, of_phase, false)))
                OR bool_or(s.kind = 'backfill' AND orchestrate.attempted(of_run, of_phase, s.ord)))
      FROM orchestrate.step s
     WHERE s.run = of_run AND s.phase = of_phase AND NOT s.undo AND s.loses
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
    PERFORM orchestrate.has_phases(p);
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
             + (t.from_state <> 'pending' AND orchestrate.past_return(p.run, t.to_phase))::integer * 4;
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
    IF EXISTS (SELECT FROM orchestrate.amendment a WHERE a.run = NEW.run AND a.kind = 'forget') THEN
        RAISE EXCEPTION 'run % was given up: nothing more can happen to it', p.name USING ERRCODE = 'OR003';
    END IF;
    IF NEW.seq = 0 THEN
        PERFORM orchestrate.transition_first(p, NEW);
        NEW.prev_hash := decode(p.checksum, 'hex');
    ELSE
        SELECT * INTO before FROM orchestrate.transition t WHERE t.run = NEW.run AND t.seq = NEW.seq - 1;
        NEW.rule := orchestrate.transition_next(p, NEW, before);
        NEW.prev_hash := before.hash;
    END IF;
    NEW.phase_name := orchestrate.phase_name(NEW.run, NEW.to_phase);
    NEW.actor := session_user;
    NEW.at := clock_timestamp();
    NEW.xid := pg_current_xact_id();
    NEW.hash := orchestrate.transition_hash(NEW);
    RETURN NEW;
END
$$;

-- A run that had ended cannot come back beside a live one of its name.
CREATE FUNCTION orchestrate.only_live(of_run bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other record;
BEGIN
    SELECT l.run, l.name INTO other
      FROM orchestrate.plan p JOIN orchestrate.plan l ON l.name = p.name AND l.ended_at IS NULL AND l.run <> p.run
     WHERE p.run = of_run;
    IF FOUND THEN
        RAISE EXCEPTION 'plan % was started anew, as run %', other.name, other.run USING ERRCODE = 'OR004';
    END IF;
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
        PERFORM orchestrate.only_live(NEW.run);
        UPDATE orchestrate.plan SET ended_at = NULL WHERE run = NEW.run;
        UPDATE orchestrate.claim SET released_at = NULL WHERE run = NEW.run AND taken_at IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;
