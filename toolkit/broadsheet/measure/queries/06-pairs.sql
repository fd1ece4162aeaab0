-- title: Compared records
-- unit: pairs
-- note: Pairs at or over the threshold, and near misses (`none`) between canonical records.
SELECT relation, decision, count(*) AS pairs FROM pairs GROUP BY ALL ORDER BY ALL
