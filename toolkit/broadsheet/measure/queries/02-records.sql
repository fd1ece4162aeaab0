-- title: Records
-- unit: canonical records, code points of text
-- denominator: all records
-- over: records
-- may: how many texts there are, each counted once
-- may-not: how often a text was shown
-- source: tables articles, comments, teasers
SELECT kind, split, count(*) AS records, sum(length(text))::BIGINT AS code_points
FROM records GROUP BY ALL ORDER BY ALL
