-- See gate_partitions.sql.
SELECT false AS ok, problem.text
  FROM (
:strays
     ) AS problem;
