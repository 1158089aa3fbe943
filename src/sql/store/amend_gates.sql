-- Room for the gates of an edited plan, from phase $2 on.
DELETE FROM orchestrate.gate WHERE run = $1::bigint AND phase >= $2::integer;
