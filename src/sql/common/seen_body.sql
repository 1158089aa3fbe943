-- Never called: the WHEN clauses of its triggers count, and are false.
BEGIN
    RETURN NEW;
END
