-- Room for the gates as they read here.
DELETE FROM orchestrate.gate WHERE run = $1::bigint;
