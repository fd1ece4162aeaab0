-- The articles whose words are set apart: the 1,000 of the smallest ids in the commonest language.
SET VARIABLE commonest_language = (SELECT language FROM articles WHERE language <> 'und' AND source IS NOT NULL
                                   GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1);
SET VARIABLE last_apart = (SELECT max(id) FROM (SELECT id FROM articles
                           WHERE language = getvariable('commonest_language') AND source IS NOT NULL ORDER BY id LIMIT 1000));
