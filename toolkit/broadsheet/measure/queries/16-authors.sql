-- title: Articles by author
-- unit: canonical articles
-- denominator: articles with an author
-- over: articles
-- missing: author IS NULL
-- persons: authors of under 5 articles are not listed
-- needs: the names of authors
-- may: which bylines are frequent
-- may-not: who wrote what: bylines are read by form
-- source: field author, read from the byline
SELECT author, count(*) AS articles, count(DISTINCT source) AS sources
FROM articles WHERE author IS NOT NULL GROUP BY author HAVING count(*) >= 5
ORDER BY articles DESC, author LIMIT 20
