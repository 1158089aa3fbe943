-- Whether the undo of phase $2 was tried last, failed, and nothing of it is done.
SELECT orchestrate.undo_failed($1::bigint, $2::integer) AS failed;
