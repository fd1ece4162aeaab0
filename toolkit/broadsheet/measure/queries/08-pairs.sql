-- title: Compared records
-- unit: pairs
-- denominator: pairs at or over the threshold, and near misses between canonical records
-- over: pairs
-- may: how pairs were decided
-- may-not: that unlisted pairs share nothing
-- source: table pairs
SELECT relation, decision, count(*) AS pairs FROM pairs GROUP BY ALL ORDER BY ALL
