-- title: How quoted speech is reported
-- unit: uses of a verb
-- denominator: uses of report verbs in articles of the source
-- over: articles
-- missing: language IS DISTINCT FROM getvariable('spoken') OR id > getvariable('last_article')
-- needs: the texts
-- may: which verbs a source uses to report speech
-- may-not: whether it believes the speaker; not audited by people
-- source: articles in the lexicon's language, at most 100,000
SELECT named(source) AS source, family AS class, term AS verb, sum(n - quoted)::BIGINT AS uses
FROM mentions WHERE kind = 'report' GROUP BY ALL HAVING sum(n - quoted) > 0 ORDER BY ALL
