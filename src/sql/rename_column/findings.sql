SELECT 'warn' AS level, '' AS code, '' AS message, '' AS hint, false AS acceptable WHERE false;
