-- Plans for queries by the new name.
ANALYZE :rel (:"to");
