-- The app whose deploy $1 advanced a plan; another one than was meant, perhaps.
SELECT t.app FROM orchestrate.deploy_target t WHERE t.id = $1 ORDER BY t.at DESC LIMIT 1;
