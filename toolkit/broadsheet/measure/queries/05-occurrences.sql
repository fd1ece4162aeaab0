-- title: Occurrences folded into a canonical record
-- unit: segments
-- note: Folding does not say that a repeat is an error: it is also exposure.
SELECT relation, count(*) AS segments
FROM segments WHERE outcome = 'occurrence' GROUP BY relation ORDER BY relation
