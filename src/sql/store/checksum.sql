-- The checksums of phases, of all that they consist of as it is stored: what is approved
-- is bound to them, and whoever writes a phase could claim any.  A phase reads like the
-- JSON from which register_phases.sql makes it (store_phases_json), so that each knows the
-- other's; an object of jsonb has one form, in whatever order it was put together.
-- code_new is the plan's; it is asked of the phase's deploys.  Nothing is joined: of rows
-- that were written just now the planner knows nothing.
CREATE FUNCTION orchestrate.phase_checksums(of_run bigint, code_new text) RETURNS TABLE (ord integer, checksum text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH parts AS (
        SELECT f.ord AS phase, 'phase' AS key, to_jsonb(f) - '{run,ord,checksum}'::text[] AS value
          FROM orchestrate.phase f WHERE f.run = of_run
        UNION ALL
        SELECT s.phase, CASE WHEN s.undo THEN 'undo_steps' ELSE 'steps' END,
               jsonb_agg(to_jsonb(s) - '{run,phase,undo,ord}'::text[] ORDER BY s.ord)
          FROM orchestrate.step s WHERE s.run = of_run GROUP BY s.phase, s.undo
        UNION ALL
        SELECT g.phase, 'gates', jsonb_agg(to_jsonb(g) - '{run,phase,ord,must_hold}'::text[]
                                           || jsonb_build_object('check', g.must_hold) ORDER BY g.ord)
          FROM orchestrate.gate g WHERE g.run = of_run GROUP BY g.phase
        UNION ALL
        SELECT p.phase, 'promises', jsonb_agg(to_jsonb(p) - '{run,phase,ord}'::text[] ORDER BY p.ord)
          FROM orchestrate.promise p WHERE p.run = of_run GROUP BY p.phase
    ), phases AS (
        SELECT p.phase, jsonb_object_agg(p.key, p.value) AS parts FROM parts p GROUP BY p.phase
    )
    SELECT f.phase, encode(sha256(convert_to((f.parts -> 'phase'
                                              || '{"steps": [], "undo_steps": [], "gates": [], "promises": []}'
                                              || jsonb_build_object('code_new', code_new)
                                              || (f.parts - 'phase'))::text, 'UTF8')), 'hex')
      FROM phases f
$$;
