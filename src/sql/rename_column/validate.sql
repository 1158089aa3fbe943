-- From here on equality is a theorem: the server keeps it until the check is dropped.
ALTER TABLE :rel VALIDATE CONSTRAINT :"equal";
