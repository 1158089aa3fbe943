-- $2 epoch, $3 kind, $4 checksum and $5 canonical form of an edited plan, $6 detail.
INSERT INTO orchestrate.amendment (run, epoch, kind, checksum, canonical, detail)
VALUES ($1::bigint, $2::bigint, $3, $4, $5, COALESCE($6::jsonb, '{}'));
