-- title: How much hangs on few sources
-- unit: share of the largest in percent; HHI from 0 to 10,000; effective number of sources
-- denominator: all pages, or all articles, of a known source
-- over: articles
-- missing: source IS NULL
-- may: how concentrated this dataset is
-- may-not: how concentrated the press is
-- source: field source
WITH counted AS (
  SELECT 'pages' AS counted, captures[1].source AS source, count(*) AS n FROM pages GROUP BY ALL
  UNION ALL SELECT 'articles', source, sum(n) FROM texts WHERE kind = 'article' GROUP BY ALL
  UNION ALL SELECT 'code points of articles', source, sum(code_points) FROM texts WHERE kind = 'article' GROUP BY ALL)
SELECT counted, sum(n)::BIGINT AS n, count(*) AS sources, arg_max(source, (n, source)) AS largest,
       max(n)::BIGINT AS n_of_largest, percent(max(n), sum(n)) AS percent_of_largest,
       round(10000 * sum(n * n) / (sum(n) * sum(n)), 0)::BIGINT AS hhi,
       round(sum(n) * sum(n) / sum(n * n), 2) AS effective_sources
FROM counted WHERE source IS NOT NULL AND n IS NOT NULL GROUP BY counted ORDER BY counted
