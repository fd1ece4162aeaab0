-- What articles are about, by what somebody said of it: a property of the user's own schema, and the topics of the
-- lexicon, of which an article has at least two different terms.
CREATE TEMP TABLE topics AS
SELECT id, told_by, left(topic, 100) AS topic FROM own_topics
UNION
SELECT id, 'words of the lexicon', family FROM mentions WHERE kind = 'topic' GROUP BY id, family HAVING count(*) >= 2;
