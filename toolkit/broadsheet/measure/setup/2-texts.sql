-- What every text is asked, in one reading of them all: its length, patterns of personal data, addresses of web pages,
-- and the name of the author with the most articles in the articles of others. Most texts are spared a pattern, since
-- they lack a letter of it, or two points with one to three digits between them, as IP addresses have.
SET VARIABLE commonest_author = (SELECT author FROM articles WHERE author IS NOT NULL
                                 GROUP BY author ORDER BY count(*) DESC, author LIMIT 1);

CREATE TEMP TABLE texts AS
SELECT kind, split, source, count(*) AS n, count(text) AS n_texts, sum(length(text)) AS code_points,
       sum(CASE WHEN has_at THEN len(regexp_extract_all(text, '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}')) ELSE 0 END)
         AS mails,
       sum(CASE WHEN contains(text, '+') THEN len(regexp_extract_all(text, '\+[1-9][0-9 ().-]{7,17}[0-9]')) ELSE 0 END)
         AS phones,
       sum(CASE WHEN regexp_matches(text, '\.[0-9]{1,3}\.[0-9]')
                THEN len(regexp_extract_all(text, '\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b')) ELSE 0 END) AS addresses,
       sum(CASE WHEN has_at THEN len(regexp_extract_all(text, '(?:^|[\s(])@[A-Za-z0-9_]{2,}')) ELSE 0 END) AS handles,
       count(*) FILTER (n_links > 0) AS with_links, sum(n_links) AS links,
       count(*) FILTER (kind = 'article' AND author IS DISTINCT FROM getvariable('commonest_author')
                        AND contains(text, getvariable('commonest_author'))) AS name_commonest_author
FROM (SELECT kind, split, source, author, text, contains(text, '@') AS has_at,
             CASE WHEN contains(text, '://') THEN len(regexp_extract_all(text, 'https?://')) ELSE 0 END AS n_links
      FROM records)
GROUP BY ALL;

-- A number of things in texts: where no record has its text, none was looked for.
CREATE MACRO of_texts(n) AS CASE WHEN EXISTS (SELECT 1 FROM texts WHERE n_texts > 0) THEN n END;
