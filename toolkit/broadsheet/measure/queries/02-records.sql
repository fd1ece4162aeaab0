-- title: Records
-- unit: canonical records, code points of text
SELECT kind, split, count(*) AS records, sum(length(text))::BIGINT AS code_points
FROM (SELECT kind, split, text FROM articles
      UNION ALL SELECT kind, split, text FROM comments
      UNION ALL SELECT kind, split, text FROM teasers)
GROUP BY ALL ORDER BY ALL
