-- title: Comments
-- unit: comments, names of authors
-- denominator: all comments
-- over: comments
-- missing: author IS NULL
-- persons: a number under 5 about one person is not shown
-- needs: the names of authors
-- may: how much readers wrote on these pages
-- may-not: who they are, or what readers think
-- source: table comments
SELECT count(*) AS comments, count(author) AS with_author, count(DISTINCT author) AS names,
       count(DISTINCT thread) AS threads, count(*) FILTER (parent_id IS NOT NULL) AS replies,
       of_persons((SELECT max(n) FROM (SELECT count(*) AS n FROM comments WHERE author IS NOT NULL GROUP BY author)))
         AS by_commonest_name
FROM comments HAVING count(*) > 0
