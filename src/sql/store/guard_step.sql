-- The guards of what happens within a phase: records of steps, attempts, batches.

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

CREATE FUNCTION orchestrate.step_there(of_run bigint, of_phase integer, of_undo boolean, of_ord integer)
    RETURNS orchestrate.step
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s orchestrate.step;
BEGIN
    SELECT * INTO s FROM orchestrate.step q
     WHERE q.run = of_run AND q.phase = of_phase AND q.undo = of_undo AND q.ord = of_ord;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'phase % of run % has no step %', of_phase, of_run, of_ord USING ERRCODE = 'OR003';
    END IF;
    RETURN s;
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
    s orchestrate.step;
BEGIN
    p := orchestrate.own(NEW.run, NEW.epoch);
    s := orchestrate.step_there(NEW.run, NEW.phase, NEW.undo, NEW.ord);
    SELECT * INTO stands FROM orchestrate.transition t WHERE t.run = NEW.run ORDER BY t.seq DESC LIMIT 1;
    IF (stands.to_phase, stands.to_state)
       IS DISTINCT FROM (NEW.phase, CASE WHEN NEW.undo THEN 'undoing' ELSE 'running' END) THEN
        RAISE EXCEPTION 'run % stands at phase % %, there is no step of phase % to record',
            p.name, stands.to_phase, stands.to_state, NEW.phase USING ERRCODE = 'OR003';
    END IF;
    NEW.step := s.id;
    NEW.title := s.title;
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
    PERFORM orchestrate.step_there(NEW.run, NEW.phase, NEW.undo, NEW.ord);
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
    PERFORM orchestrate.step_there(NEW.run, NEW.phase, NEW.undo, NEW.ord);
    NEW.cycle := orchestrate.cycle(NEW.run, NEW.phase, NEW.undo);
    NEW.at := clock_timestamp();
    RETURN NEW;
END
$$;
