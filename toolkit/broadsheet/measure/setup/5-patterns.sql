-- A number of things in texts: where no record has its text, none was looked for.
CREATE MACRO of_texts(n) AS CASE WHEN EXISTS (SELECT 1 FROM records WHERE text IS NOT NULL) THEN n END;

-- What looks like personal data in the texts, by kind of record.
CREATE TEMP TABLE patterns AS
SELECT kind, sum(mails)::BIGINT AS mails, sum(phones)::BIGINT AS phones, sum(addresses)::BIGINT AS addresses,
       sum(handles)::BIGINT AS handles
FROM (SELECT kind,
             CASE WHEN has_at THEN len(regexp_extract_all(text, '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}')) ELSE 0 END
               AS mails,
             CASE WHEN contains(text, '+') THEN len(regexp_extract_all(text, '\+[1-9][0-9 ().-]{7,17}[0-9]')) ELSE 0 END
               AS phones,
             len(regexp_extract_all(text, '\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b')) AS addresses,
             CASE WHEN has_at THEN len(regexp_extract_all(text, '(?:^|[\s(])@[A-Za-z0-9_]{2,}')) ELSE 0 END AS handles
      FROM (SELECT kind, text, contains(text, '@') AS has_at FROM records))
GROUP BY kind;
