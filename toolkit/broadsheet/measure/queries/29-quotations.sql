-- title: Quotations
-- unit: quotations; code points in percent
-- denominator: code points of articles of the source
-- over: articles
-- missing: language IS DISTINCT FROM getvariable('spoken') OR id > getvariable('last_article')
-- needs: the texts
-- may: how much stands between quotation marks
-- may-not: that it was said
-- source: articles in the lexicon's language, at most 100,000, by pattern
SELECT named(source) AS source, count(*) AS articles, sum(n_quotes)::BIGINT AS quotations,
       percent(sum(quoted_chars), sum(chars)) AS percent_of_code_points
FROM quotations GROUP BY ALL ORDER BY ALL
