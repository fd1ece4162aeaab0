-- title: Records
-- unit: canonical records, code points of text
-- denominator: all records
-- over: records
-- may: how many texts there are, each counted once
-- may-not: how often a text was shown
-- source: tables articles, comments, teasers
SELECT kind, split, sum(n)::BIGINT AS records, sum(code_points)::BIGINT AS code_points
FROM texts GROUP BY ALL ORDER BY ALL
