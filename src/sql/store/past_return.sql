-- Whether there is no way back behind phase $2.
SELECT orchestrate.past_return($1::bigint, $2::integer) AS past;
