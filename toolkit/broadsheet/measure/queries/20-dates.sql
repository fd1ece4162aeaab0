-- title: Dates
-- unit: canonical records; UTC
-- denominator: all records
-- over: records
-- missing: published IS NULL
-- may: when pages were captured, and how many records bear a date of publication
-- may-not: that these dates are right: they are claims
-- source: fields published and captured
SELECT count(*) AS records,
       count(published) AS with_publication_date,
       count(captured) AS with_capture_date,
       coalesce(strftime(min(published), '%Y-%m-%d'), '(none)') AS first_published,
       coalesce(strftime(max(published), '%Y-%m-%d'), '(none)') AS last_published,
       coalesce(strftime(min(captured), '%Y-%m-%d'), '(none)') AS first_capture,
       coalesce(strftime(max(captured), '%Y-%m-%d'), '(none)') AS last_capture
FROM records
