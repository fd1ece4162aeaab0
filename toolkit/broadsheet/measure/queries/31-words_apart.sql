-- title: Words that set a source apart
-- unit: z of the log-odds ratio, as a ranking only; p by relabelling whole articles
-- denominator: words of at most 1,000 articles of the commonest language, those of the smallest ids
-- over: articles
-- missing: source IS NULL OR coalesce(language, 'und') = 'und'
-- then: words_apart
-- needs: the texts
-- may: which words are more frequent in one source than in the others, in this order
-- may-not: that a difference is no chance, unless p says so: z does not; nor what a source thinks
-- source: articles; words in at least 3 of them
SELECT id, source, regexp_extract_all(lower(text), '[\p{L}\p{M}]{2,}') AS words
FROM articles WHERE language = getvariable('commonest_language') AND source IS NOT NULL AND id <= getvariable('last_apart')
ORDER BY id
