-- Room for the promises as they read here.
DELETE FROM orchestrate.promise WHERE run = $1::bigint;
