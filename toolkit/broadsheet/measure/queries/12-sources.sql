-- title: Records by source
-- unit: canonical records
-- denominator: all records
-- over: records
-- missing: source IS NULL
-- may: from which pages the records were taken
-- may-not: on which pages they stood, too; or anything about the press at large
-- source: field source: the page's domain, or what its metadata says
SELECT named(source) AS source, kind, sum(n)::BIGINT AS records,
       sum(code_points)::BIGINT AS code_points
FROM texts GROUP BY ALL ORDER BY ALL
