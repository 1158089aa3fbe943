-- Was this step attempted in the present round of its phase, or of the undo?  $2 phase, $3 undo, $4 ord.
SELECT EXISTS (SELECT FROM orchestrate.attempt a
                WHERE a.run = $1::bigint AND a.phase = $2::integer AND a.undo = $3::boolean AND a.ord = $4::integer
                  AND a.at >= (SELECT t.at FROM orchestrate.transition t
                                WHERE t.run = $1::bigint
                                  AND t.seq = orchestrate.cycle($1::bigint, $2::integer, $3::boolean))) AS attempted;
