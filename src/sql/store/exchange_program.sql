-- Room for the phases of an edited plan, from phase $2 on: none of them has begun.  Rows
-- of a round that was undone stay; they say by themselves what was done.
WITH gates AS (
    DELETE FROM orchestrate.gate WHERE run = $1::bigint AND phase >= $2::integer
), promises AS (
    DELETE FROM orchestrate.promise WHERE run = $1::bigint AND phase >= $2::integer
), steps AS (
    DELETE FROM orchestrate.step WHERE run = $1::bigint AND phase >= $2::integer
)
DELETE FROM orchestrate.phase WHERE run = $1::bigint AND ord >= $2::integer;
