-- title: What looks like personal data
-- unit: matches of a pattern
-- denominator: texts of all records
-- over: records
-- may: that there are at least so many
-- may-not: that there are no others
-- source: texts, by pattern
SELECT kind, sum(mails)::BIGINT AS mail_addresses, sum(phones)::BIGINT AS phone_numbers,
       sum(addresses)::BIGINT AS ip_addresses, sum(handles)::BIGINT AS handles
FROM (SELECT kind,
             CASE WHEN has_at THEN len(regexp_extract_all(text, '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}')) ELSE 0 END AS mails,
             CASE WHEN contains(text, '+') THEN len(regexp_extract_all(text, '\+[1-9][0-9 ().-]{7,17}[0-9]')) ELSE 0 END AS phones,
             len(regexp_extract_all(text, '\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b')) AS addresses,
             CASE WHEN has_at THEN len(regexp_extract_all(text, '(?:^|[\s(])@[A-Za-z0-9_]{2,}')) ELSE 0 END AS handles
      FROM (SELECT kind, text, contains(text, '@') AS has_at FROM records))
GROUP BY kind ORDER BY kind
