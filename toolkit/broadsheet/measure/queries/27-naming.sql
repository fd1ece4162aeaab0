-- title: How the same actors are called
-- unit: percent of the mentions of a family, with an interval
-- denominator: mentions of the family in articles of the source
-- over: articles
-- missing: language IS DISTINCT FROM getvariable('spoken') OR id > getvariable('last_article')
-- then: bootstrap
-- needs: the texts
-- may: that a source uses a term in so many of its mentions of this family
-- may-not: truth, intent or slant; not audited by people
-- source: articles in the lexicon's language, at most 100,000; an interval by drawing bundles of them again
SELECT source, family, term, 'narrator' AS voice, bundle AS cluster, n - quoted AS part, all_n - all_quoted AS whole
FROM mentions_filled
UNION ALL SELECT source, family, term, 'quotation', bundle, quoted, all_quoted FROM mentions_filled
ORDER BY ALL
