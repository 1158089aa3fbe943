-- What the gates of a plan ask.  Functions, so that they can be asked with psql, too,
-- and tested with other times than now.

-- The windows of a gate `window`: days from 0, Monday.
CREATE FUNCTION orchestrate.windows(args jsonb, OUT first integer, OUT last integer, OUT opens time, OUT closes time)
    RETURNS SETOF record
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT strpos('MonTueWedThuFriSatSun', m.part[1]) / 3,
           strpos('MonTueWedThuFriSatSun', coalesce(m.part[2], m.part[1])) / 3, m.part[3]::time, m.part[4]::time
      FROM jsonb_array_elements_text(args -> 'allow') AS w (text),
           regexp_match(w.text, '^([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))? ([0-9:]{5})-([0-9:]{5})$') AS m (part)
$$;

-- Is it within the window when the clock on the wall shows this?  A window that ends
-- before it begins ends on the day after.
CREATE FUNCTION orchestrate.window_holds(first integer, last integer, opens time, closes time, wall timestamp)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN opens < closes
                THEN wall::pg_catalog.time >= opens AND wall::pg_catalog.time < closes
                     AND (EXTRACT(isodow FROM wall)::integer + 6 - first) % 7 <= (last - first + 7) % 7
                ELSE (wall::pg_catalog.time >= opens
                      AND (EXTRACT(isodow FROM wall)::integer + 6 - first) % 7 <= (last - first + 7) % 7)
                     OR (wall::pg_catalog.time < closes
                         AND (EXTRACT(isodow FROM wall)::integer + 5 - first + 7) % 7 <= (last - first + 7) % 7)
           END
$$;

-- What counts is the clock on the wall in the zone.  An hour that is skipped in spring
-- is in no window; one that comes twice in autumn is in it twice.
CREATE FUNCTION orchestrate.window_open(args jsonb, at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM orchestrate.windows(args) AS w
                    WHERE orchestrate.window_holds(w.first, w.last, w.opens, w.closes, at AT TIME ZONE (args ->> 'zone')))
$$;

-- When it opens next: `at` itself when it is open, NULL when it does not within 15 days.
-- Tried minute by minute, because nothing else is right on days when the clocks change.
CREATE FUNCTION orchestrate.window_opens(args jsonb, at timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    minute CONSTANT interval := '1 minute';
    day CONSTANT interval := '24 hours';
    start timestamptz := date_trunc('minute', at) + minute;
    opens timestamptz;
BEGIN
    IF orchestrate.window_open(args, at) THEN
        RETURN at;
    END IF;
    FOR days IN 0..14 LOOP
        SELECT min(m.at) INTO opens
          FROM generate_series(start + days * day, start + (days + 1) * day - minute, minute) AS m (at)
          JOIN orchestrate.windows(args) AS w
            ON orchestrate.window_holds(w.first, w.last, w.opens, w.closes, m.at AT TIME ZONE (args ->> 'zone'));
        EXIT WHEN opens IS NOT NULL;
    END LOOP;
    RETURN opens;
END
$$;

-- The answer of a query that a plan brings along.  It reads only, with the caller's
-- rights, finds things as the plan's search_path says, does not answer from some of the
-- rows only, where policies hide others, and leaves nothing behind: whatever it did is rolled back by the exception at the end.  A cursor takes one
-- query and nothing else.  What it costs in time is limited by whoever asks.
CREATE FUNCTION orchestrate.ask(question text, path text, OUT answer boolean, OUT trouble text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked refcursor;
    first record;
    second record;
    got jsonb;
    more boolean;
BEGIN
    BEGIN
        PERFORM set_config('transaction_read_only', 'on', true), set_config('row_security', 'off', true),
                set_config('search_path', path, true);
        OPEN asked FOR EXECUTE question;
        FETCH asked INTO first;
        got := CASE WHEN FOUND THEN pg_catalog.to_jsonb(first) END;
        FETCH asked INTO second;
        more := FOUND;
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        IF got IS NULL THEN
            trouble := 'returned no row';
        ELSIF more THEN
            trouble := 'returned more than one row';
        ELSIF (SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_object_keys(got)) <> 1 THEN
            trouble := 'returned more than one column';
        ELSE
            SELECT CASE pg_catalog.jsonb_typeof(e.value) WHEN 'boolean' THEN e.value::boolean END,
                   CASE pg_catalog.jsonb_typeof(e.value)
                       WHEN 'boolean' THEN NULL
                       WHEN 'null' THEN 'returned NULL'
                       ELSE pg_catalog.format('returned %s, which is no boolean', pg_catalog.left(e.value::text, 40)) END
              INTO answer, trouble
              FROM pg_catalog.jsonb_each(got) AS e;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'OR000', MESSAGE = 'this takes everything back';
    EXCEPTION
        WHEN SQLSTATE 'OR000' THEN
            NULL;
        WHEN OTHERS THEN
            answer := NULL;
            trouble := pg_catalog.format('failed: %s (%s)%s', SQLERRM, SQLSTATE,
                                         CASE WHEN SQLSTATE = '42501' AND pg_catalog.strpos(SQLERRM, 'row-level security') > 0
                                              THEN '; let a role ask that sees all rows' ELSE '' END);
    END;
END
$$;

-- Standbys and subscribers, as far as we may see them.  What only receives WAL and
-- replays nothing (an archiver, a base backup) is not behind.
CREATE FUNCTION orchestrate.replicas()
    RETURNS TABLE (name text, state text, lag interval, behind bigint)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(nullif(r.application_name, ''), host(r.client_addr), 'of process ' || r.pid), r.state, r.replay_lag,
           (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
            - r.replay_lsn)::bigint
      FROM pg_stat_replication r
     WHERE r.state IS DISTINCT FROM 'backup' AND NOT (coalesce(r.state, '') = 'streaming' AND r.replay_lsn IS NULL)
$$;
