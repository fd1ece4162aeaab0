-- title: Records by source
-- unit: canonical records
-- note: The source of the page from which the record was taken, not of every page on which it stood.
SELECT coalesce(source, '(unknown)') AS source, kind, count(*) AS records
FROM (SELECT source, kind FROM articles
      UNION ALL SELECT source, kind FROM comments
      UNION ALL SELECT source, kind FROM teasers)
GROUP BY ALL ORDER BY ALL
