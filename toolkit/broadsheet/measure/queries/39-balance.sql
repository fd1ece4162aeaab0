-- title: How sources are spread over the splits
-- unit: canonical articles
-- denominator: all articles
-- over: articles
-- missing: source IS NULL
-- may: whether a split leans to a source
-- may-not: that splits are alike in other ways
-- source: fields split and source
SELECT source, split, n AS articles, percent(n, sum(n) OVER (PARTITION BY split)) AS percent_of_split
FROM (SELECT named(source) AS source, split, count(*) AS n FROM articles GROUP BY ALL) ORDER BY ALL
