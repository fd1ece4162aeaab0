-- title: Dates
-- unit: canonical records; UTC
SELECT count(*) AS records,
       count(published) AS with_publication_date,
       count(captured) AS with_capture_date,
       coalesce(strftime(min(captured), '%Y-%m-%d'), '(none)') AS first_capture,
       coalesce(strftime(max(captured), '%Y-%m-%d'), '(none)') AS last_capture
FROM (SELECT published, captured FROM articles
      UNION ALL SELECT published, captured FROM comments
      UNION ALL SELECT published, captured FROM teasers)
