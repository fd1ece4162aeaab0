-- title: Records by the number of their appearances
-- unit: canonical records
-- denominator: all records
-- over: records
-- may: how strongly single texts were repeated
-- may-not: how many people saw them
-- source: table segments, fields canonical_id and page_id
SELECT CASE WHEN n = 1 THEN '1' WHEN n = 2 THEN '2' WHEN n <= 5 THEN '3 to 5' WHEN n <= 10 THEN '6 to 10'
            WHEN n <= 100 THEN '11 to 100' ELSE 'over 100' END AS appearances,
       count(*) AS records, sum(n)::BIGINT AS all_appearances
FROM appeared GROUP BY 1 ORDER BY min(n)
