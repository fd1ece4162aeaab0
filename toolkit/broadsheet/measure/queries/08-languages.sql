-- title: Records by language
-- unit: canonical records
-- note: Told from script and function words; `und` where the evidence did not decide.
SELECT coalesce(language, 'und') AS language, count(*) AS records
FROM (SELECT language FROM articles
      UNION ALL SELECT language FROM comments
      UNION ALL SELECT language FROM teasers)
GROUP BY ALL ORDER BY ALL
