-- title: Pages by source
-- unit: pages, captures
-- denominator: all pages
-- over: pages
-- missing: captures[1].source IS NULL
-- may: how many pages each source gave
-- may-not: how large the source is
-- source: table pages, field captures
SELECT named(captures[1].source) AS source, count(*) AS pages,
       sum(len(captures))::BIGINT AS captures
FROM pages GROUP BY ALL ORDER BY ALL
