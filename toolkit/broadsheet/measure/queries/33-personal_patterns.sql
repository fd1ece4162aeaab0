-- title: What looks like personal data
-- unit: matches of a pattern
-- denominator: texts of all records
-- over: records
-- needs: the texts
-- may: that there are at least so many
-- may-not: that there are no others
-- source: texts, by pattern
SELECT kind, sum(mails)::BIGINT AS mail_addresses, sum(phones)::BIGINT AS phone_numbers,
       sum(addresses)::BIGINT AS ip_addresses, sum(handles)::BIGINT AS handles
FROM texts GROUP BY kind ORDER BY kind
