-- Writes down which locks a step really takes, from inside its own transaction: what
-- another session sees in pg_locks depends on when it looks.
--
-- A step that shares a transaction with its record is looked at when that commits: a
-- deferred trigger on the record copies what the backend holds.  A statement that runs
-- alone has no record yet; an event trigger looks when it ends.  What CONCURRENTLY
-- holds is released by then: a test that wants to see it has to make it wait.
--
-- Run by a superuser, after the tables exist that are to be watched.

SET check_function_bodies = off; -- the twin has no state schema
CREATE SCHEMA observer;

-- What was there before: locks on things that a step makes itself bother nobody.  The
-- root: a partition counts as part of its table.
CREATE TABLE observer.relation (oid oid PRIMARY KEY, name text, root oid, root_name text);
CREATE TABLE observer.held (
    run bigint, phase integer, undo boolean, ord integer,
    relation oid, name_then text, root_then text, mode text,
    UNIQUE (run, phase, undo, ord, relation, name_then, mode)
);
-- What `plan --json` said.
CREATE TABLE observer.report (report jsonb);

CREATE VIEW observer.mode AS
    SELECT m.mode, m.place
      FROM unnest('{ACCESS SHARE,ROW SHARE,ROW EXCLUSIVE,SHARE UPDATE EXCLUSIVE,SHARE,SHARE ROW EXCLUSIVE,EXCLUSIVE,ACCESS EXCLUSIVE}'::text[])
           WITH ORDINALITY AS m (mode, place);

CREATE FUNCTION observer.name_of(relation oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation
$$;

INSERT INTO observer.relation
WITH RECURSIVE up AS (
    SELECT c.oid AS relation, c.oid AS root FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
       AND n.nspname NOT IN ('information_schema', 'orchestrate', 'observer')
     UNION ALL
    SELECT up.relation, i.inhparent FROM up JOIN pg_inherits AS i ON i.inhrelid = up.root
)
SELECT DISTINCT ON (up.relation) up.relation, observer.name_of(up.relation), up.root, observer.name_of(up.root)
  FROM up
 WHERE NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = up.root)
 ORDER BY up.relation, up.root;

CREATE FUNCTION observer.note(run bigint, phase integer, undo boolean, ord integer) RETURNS void LANGUAGE sql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO observer.held
    SELECT DISTINCT note.run, note.phase, note.undo, note.ord, r.oid, observer.name_of(r.oid), observer.name_of(r.root),
           upper(regexp_replace(replace(l.mode, 'Lock', ''), '([a-z])([A-Z])', '\1 \2', 'g'))
      FROM pg_locks AS l JOIN observer.relation AS r ON r.oid = l.relation
     WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
       AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION observer.at_commit() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM observer.note(NEW.run, NEW.phase, NEW.undo, NEW.ord);
    RETURN NULL;
END $$;

-- The step whose intent this backend wrote down last, while it has no record.
CREATE FUNCTION observer.at_end_of_command() RETURNS event_trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_regclass('orchestrate.attempt') IS NULL THEN
        RETURN;
    END IF;
    PERFORM observer.note(a.run, a.phase, a.undo, a.ord)
       FROM (SELECT a.* FROM orchestrate.attempt AS a WHERE a.backend_pid = pg_backend_pid() ORDER BY a.at DESC LIMIT 1) AS a
      WHERE NOT EXISTS (SELECT FROM orchestrate.step_record AS r
                         WHERE (r.run, r.phase, r.undo, r.ord, r.attempt) = (a.run, a.phase, a.undo, a.ord, a.attempt))
        AND NOT EXISTS (SELECT FROM orchestrate.step_record AS r WHERE r.xid = pg_current_xact_id_if_assigned());
END $$;

CREATE EVENT TRIGGER observer ON ddl_command_end EXECUTE FUNCTION observer.at_end_of_command();

DO $$
BEGIN
    IF to_regclass('orchestrate.step_record') IS NOT NULL THEN
        CREATE CONSTRAINT TRIGGER observer AFTER INSERT ON orchestrate.step_record
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION observer.at_commit();
        CREATE CONSTRAINT TRIGGER observer AFTER INSERT OR UPDATE ON orchestrate.checkpoint
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION observer.at_commit();
        ALTER TABLE orchestrate.step_record ENABLE ALWAYS TRIGGER observer;
        ALTER TABLE orchestrate.checkpoint ENABLE ALWAYS TRIGGER observer;
    END IF;
END $$;

-- The names in "a.b, c.d"; helpers are named by the run, and the report is of the first one.
CREATE FUNCTION observer.names(list text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(m[1]) FROM regexp_matches(regexp_replace(list, '_orch_[0-9]+', '_orch_', 'g'), '(?:"(?:[^"]|"")*"|[^",[:space:]])+', 'g') AS m
$$;

-- What was held and had not been said: stronger than said, or strong on another table.
-- For the way forward that is the report; for the way back, which it shows as SQL only,
-- it is the step as it was registered, and as `rollback --dry-run` shows it.
CREATE FUNCTION observer.unsaid(also text[]) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    WITH said AS (
        SELECT s ->> 'id' AS id, coalesce(s ->> 'moment_lock', s ->> 'lock', 'none') AS lock, s ->> 'relation' AS relation
          FROM observer.report AS r, jsonb_array_elements(r.report -> 'phases') AS p, jsonb_array_elements(p -> 'steps') AS s
         UNION
        SELECT s.id, CASE s.moment WHEN 'none' THEN s.lock ELSE s.moment END, s.relation FROM orchestrate.step AS s WHERE s.undo
    )
    SELECT DISTINCT format('step %s (%s) held %s on %s; said: %s on %s', s.id, s.kind, h.mode, r.name,
                           coalesce(said.lock, 'nothing at all'), said.relation)
      FROM observer.held AS h
      JOIN observer.relation AS r ON r.oid = h.relation
      JOIN orchestrate.step AS s ON (s.run, s.phase, s.undo, s.ord) = (h.run, h.phase, h.undo, h.ord)
      JOIN observer.mode AS mode ON mode.mode = h.mode
      LEFT JOIN said ON said.id = s.id
      LEFT JOIN observer.mode AS said_mode ON said_mode.mode = said.lock
     WHERE CASE WHEN observer.names(said.relation) && observer.names(concat_ws(',', r.name, r.root_name, h.name_then, h.root_then))
                  -- When it has been dropped, by the names that it had before.
                  OR observer.names(said.relation) && (SELECT observer.names(string_agg(e.name_then, ',')) FROM observer.held AS e WHERE e.relation IN (r.oid, r.root))
                  OR r.name = ANY (also)
                THEN mode.place > greatest(said_mode.place, 3) -- reading and writing are no news
                ELSE mode.place > 4 END
     ORDER BY 1
$$;

-- The longest time that a strong lock was held, for each kind of step.
CREATE FUNCTION observer.longest() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT format('%s %s ms (%s)', t.kind, t.ms, t.id)
      FROM (SELECT DISTINCT ON (s.kind) s.kind, s.id, round((e.detail ->> 'lock_ms')::numeric, 1) AS ms
              FROM orchestrate.event AS e JOIN orchestrate.step AS s ON (s.run, s.id) = (e.run, e.step)
             WHERE e.kind IN ('step_done', 'step_undone') AND e.detail ? 'lock_ms'
             ORDER BY s.kind, (e.detail ->> 'lock_ms')::numeric DESC) AS t
$$;
