-- title: Who is quoted
-- unit: quotations beside a name
-- denominator: quotations in articles of the lexicon's language
-- over: articles
-- missing: language IS DISTINCT FROM getvariable('spoken') OR id > getvariable('last_article')
-- persons: names beside under 5 quotations are not listed
-- needs: the texts
-- may: that at least so many quotations stand beside this name and a report verb
-- may-not: that no one else is quoted
-- source: articles in the lexicon's language, at most 100,000, by pattern
SELECT speaker, count(*) AS quotations, count(DISTINCT id) AS articles
FROM speakers GROUP BY speaker HAVING count(*) >= 5 ORDER BY quotations DESC, speaker LIMIT 20
