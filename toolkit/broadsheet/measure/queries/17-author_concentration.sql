-- title: How much hangs on few authors
-- unit: articles, authors; percent; effective number of authors
-- denominator: articles with an author
-- over: articles
-- missing: author IS NULL
-- persons: a number of 1 to 4 about one person is not shown
-- needs: the names of authors
-- may: how concentrated the bylines of this dataset are
-- may-not: anything about the persons
-- source: field author; texts that hold the commonest author's name
WITH counted AS (SELECT author, count(*) AS n FROM articles WHERE author IS NOT NULL GROUP BY author)
SELECT sum(n)::BIGINT AS articles, count(*) AS authors, of_persons(max(n)) AS by_commonest_author,
       percent(of_persons(max(n)), sum(n)) AS percent_by_commonest_author,
       round(sum(n) * sum(n) / sum(n * n), 2) AS effective_authors,
       of_persons((SELECT sum(name_commonest_author)::BIGINT FROM texts)) AS others_that_name_commonest_author
FROM counted HAVING count(*) > 0
