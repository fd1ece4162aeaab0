-- A share in percent, of 20 or more: of fewer, look at the numbers.
CREATE MACRO percent(n, total) AS CASE WHEN total >= 20 THEN round(n * 100 / total, 1) END;

-- A number of a person's records or words: 1 to 4 are not shown.
CREATE MACRO of_persons(n) AS CASE WHEN n = 0 OR n >= 5 THEN n END;

-- The sources that tables name: the 50 with the most records.
CREATE TEMP TABLE top_sources AS
SELECT source FROM records WHERE source IS NOT NULL GROUP BY source ORDER BY count(*) DESC, source LIMIT 50;
CREATE MACRO named(a_source) AS CASE WHEN a_source IS NULL THEN '(unknown)'
                                     WHEN a_source IN (SELECT source FROM top_sources) THEN a_source
                                     ELSE '(other sources)' END;
