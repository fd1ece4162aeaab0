-- What articles in the lexicon's language hold of its words, of quotations, and of names beside these: of at most
-- 100,000 of them, those of the smallest ids, which are hashes.
SET VARIABLE spoken = (SELECT any_value(language) FROM lexicon);
SET VARIABLE last_article = (SELECT max(id) FROM (SELECT id FROM articles WHERE language = getvariable('spoken')
                                                  ORDER BY id LIMIT 100_000));
SET VARIABLE forms = (SELECT '(?i)[\p{L}\p{N}]*(?:' || coalesce(string_agg(regexp_escape(form), '|' ORDER BY length(form) DESC, form), '$.')
                             || ')[\p{L}\p{N}]*' FROM lexicon);
SET VARIABLE verbs = (SELECT '(?:' || coalesce(string_agg(regexp_escape(form), '|' ORDER BY form), '$.') || ')'
                      FROM lexicon WHERE kind = 'report');

CREATE TEMP TABLE in_texts AS
SELECT id, source, length(text) AS chars, len(quotes) AS n_quotes, length(quoted) AS quoted_chars,
       regexp_extract_all(text, getvariable('forms')) AS forms,
       CASE WHEN len(quotes) > 0 THEN regexp_extract_all(quoted, getvariable('forms')) ELSE [] END AS quoted_forms,
       CASE WHEN len(quotes) > 0 THEN
         regexp_extract_all(text, '[”"»],?\s+' || getvariable('verbs') || '\s+((?:\p{Lu}(?:\.|[\p{L}’''-]+)\s?){1,4})', 1)
         || regexp_extract_all(text, '((?:\p{Lu}(?:\.|[\p{L}’''-]+)\s){1,4})' || getvariable('verbs') || '(?:\sthat|:|,)?\s*[“"«]', 1)
         ELSE [] END AS speakers
FROM (SELECT id, source, text, quotes, array_to_string(quotes, chr(10)) AS quoted
      FROM (SELECT id, source, text,
                   regexp_extract_all(text, '“[^“”\n]*”|"[^"\n]*"|«[^«»\n]*»|„[^„“”\n]*[“”]') AS quotes
            FROM articles WHERE language = getvariable('spoken') AND id <= getvariable('last_article')));

CREATE TEMP TABLE quotations AS SELECT id, source, n_quotes, quoted_chars, chars FROM in_texts;

CREATE TEMP TABLE speakers AS
SELECT id, regexp_replace(trim(speaker), '[\s.,]+$', '') AS speaker
FROM (SELECT id, unnest(speakers) AS speaker FROM in_texts)
WHERE NOT regexp_matches(speaker, '^(?:He|She|They|It|We|I|You|The|A|An|But|And)\s*$');

CREATE TEMP TABLE mentions AS
SELECT id, source, kind, family, term, sum(n)::BIGINT AS n, sum(quoted)::BIGINT AS quoted
FROM (SELECT id, source, lower(unnest(forms)) AS form, 1 AS n, 0 AS quoted FROM in_texts
      UNION ALL SELECT id, source, lower(unnest(quoted_forms)), 0, 1 FROM in_texts)
JOIN lexicon USING (form) GROUP BY ALL;

-- For each bundle of articles (by the first two digits of their ids) every term of each family, also where it is not
-- used, in the 20 sources with the most mentions.
CREATE TEMP TABLE mentions_filled AS
WITH named AS (SELECT coalesce(source, '(unknown)') AS source, family, term, left(id, 2) AS bundle,
                      sum(n)::BIGINT AS n, sum(quoted)::BIGINT AS quoted
               FROM mentions WHERE kind = 'name' GROUP BY ALL),
     most AS (SELECT source FROM named GROUP BY 1 ORDER BY sum(n) DESC, 1 LIMIT 20),
     wholes AS (SELECT source, family, bundle, sum(n)::BIGINT AS all_n, sum(quoted)::BIGINT AS all_quoted
                FROM named WHERE source IN (FROM most) GROUP BY ALL),
     used AS (SELECT DISTINCT family, term FROM named)
SELECT source, family, term, bundle, coalesce(n, 0) AS n, coalesce(quoted, 0) AS quoted, all_n, all_quoted
FROM wholes JOIN used USING (family) LEFT JOIN named USING (source, family, term, bundle);
