-- title: Records by script
-- unit: canonical records
-- denominator: all records
-- over: records
-- missing: script IS NULL
-- may: in which script most letters of a text are
-- may-not: which language it is
-- source: field script
SELECT coalesce(script, '(none)') AS script, count(*) AS records FROM records GROUP BY 1 ORDER BY 1
