-- title: Occurrences folded into a canonical record
-- unit: segments
-- denominator: segments that are further occurrences
-- over: (FROM segments WHERE outcome = 'occurrence')
-- may: how many further occurrences there are
-- may-not: that a repeat is an error: it is also exposure
-- source: table segments, field relation
SELECT relation, count(*) AS segments
FROM segments WHERE outcome = 'occurrence' GROUP BY relation ORDER BY relation
