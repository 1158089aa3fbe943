-- $2 app; NULL: whichever app this id is known of.
SELECT d.app, d.status, d.version,
       EXISTS (SELECT FROM orchestrate.deploy_target t WHERE t.app = d.app AND t.id = d.id) AS known
  FROM orchestrate.deploy d
 WHERE d.id = $1 AND d.app = COALESCE($2, d.app)
 ORDER BY d.app
   FOR UPDATE;
