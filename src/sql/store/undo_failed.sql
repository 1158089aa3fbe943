-- Whether the undo of phase $2 was tried last, and failed; and how many of its steps are behind it.
SELECT orchestrate.undo_failed($1::bigint, $2::integer) AS failed, orchestrate.undone($1::bigint, $2::integer) AS undone;
