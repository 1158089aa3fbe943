-- Under a name of this attempt: what a killed attempt leaves behind is not valid, and
-- would else stand in the way of the next one.
CREATE INDEX CONCURRENTLY :"unfinished" ON :rel USING :"method" (:columns):condition;
