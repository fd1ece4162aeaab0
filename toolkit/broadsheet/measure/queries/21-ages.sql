-- title: From publication to capture
-- unit: canonical articles
-- denominator: articles with both dates
-- over: articles
-- missing: published IS NULL OR captured IS NULL
-- may: how old articles were when their page was fetched
-- may-not: when they were read
-- source: fields published and captured
SELECT CASE WHEN days < 0 THEN 'captured before it was published' WHEN days = 0 THEN 'same day' WHEN days <= 7 THEN '1 to 7 days'
            WHEN days <= 30 THEN '8 to 30 days' WHEN days <= 365 THEN '31 to 365 days' ELSE 'over 365 days' END AS age,
       count(*) AS articles
FROM (SELECT date_diff('day', published, captured) AS days FROM articles
      WHERE published IS NOT NULL AND captured IS NOT NULL)
GROUP BY 1 ORDER BY min(days)
