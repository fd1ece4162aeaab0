-- title: How much each term was inflated before folding
-- unit: mentions
-- denominator: mentions in the articles of the lexicon's language
-- over: articles
-- missing: language IS DISTINCT FROM getvariable('spoken') OR id > getvariable('last_article')
-- needs: the texts
-- may: by how much repeats overstate a term
-- may-not: how important it is
-- source: articles in the lexicon's language, at most 100,000, and their appearances
SELECT family, term, sum(mentions.n)::BIGINT AS in_distinct_articles, sum(mentions.n * appeared.n)::BIGINT AS with_repeats,
       percent(sum(mentions.n * appeared.n), sum(mentions.n)) AS percent
FROM mentions JOIN appeared USING (id)
WHERE kind = 'name' GROUP BY ALL ORDER BY ALL
