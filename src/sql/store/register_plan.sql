-- $1 run, $2... what the plan says of itself, $11 number of phases, $12 search_path,
-- $13 the environment that drops the gates of plans, or NULL.
INSERT INTO orchestrate.plan (run, name, description, owner, ticket, app, code_new, source, canonical, checksum,
                              n_phases, search_path, gates_off)
VALUES ($1::bigint, $2, $3, $4, $5, COALESCE($6, ''), $7, $8, $9, $10, $11::integer, $12, $13);
