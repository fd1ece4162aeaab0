-- title: Records by language
-- unit: canonical records
-- denominator: all records
-- over: records
-- missing: coalesce(language, 'und') = 'und'
-- may: roughly which languages there are
-- may-not: dialects or origins; `und` is where the evidence did not decide
-- source: field language, told from script and function words
SELECT coalesce(language, 'und') AS language, count(*) AS records, percent(count(*), sum(count(*)) OVER ()) AS percent
FROM records GROUP BY 1 ORDER BY 1
