-- title: Publication against capture
-- unit: canonical articles by month
-- denominator: articles with both dates
-- over: articles
-- missing: published IS NULL OR captured IS NULL
-- may: over which time the dataset stretches
-- may-not: how much was published when
-- source: fields published and captured
SELECT strftime(published, '%Y-%m') AS published, strftime(captured, '%Y-%m') AS captured, count(*) AS articles
FROM articles WHERE published IS NOT NULL AND captured IS NOT NULL
GROUP BY ALL ORDER BY ALL LIMIT 500
