-- title: How much each topic was inflated before folding
-- unit: appearances over distinct articles, in percent, with an interval
-- denominator: distinct articles of the topic
-- over: articles
-- missing: id NOT IN (SELECT id FROM topics)
-- then: bootstrap
-- needs: the texts
-- may: by how much counting pages overstates the articles that hold these words, or whose records name the topic
-- may-not: what an article is about: no person read it for this, and words have other meanings; nor that repeats are errors
-- source: the property that `topic` names in the configuration, and topics of the lexicon, of which an article in its language, of at most 100,000, has two different terms; an article may have several topics; the 30 with the most appearances; an interval by drawing sources again
SELECT told_by, topic, named(source) AS cluster, sum(n)::BIGINT AS part, count(*) AS whole
FROM topics JOIN appeared USING (id) JOIN (SELECT id, source FROM articles) USING (id)
WHERE (told_by, topic) IN (SELECT (told_by, topic) FROM topics JOIN appeared USING (id)
                           GROUP BY told_by, topic ORDER BY sum(n) DESC, told_by, topic LIMIT 30)
GROUP BY ALL ORDER BY ALL
