WITH sound AS (
  SELECT *, CASE event WHEN 'deactivated' THEN '' ELSE holder END AS owner,
    CASE event WHEN 'deactivated' THEN '' ELSE holder_kind END AS kind
  FROM subscriptions WHERE phone IS NOT NULL AND holder IS NOT NULL AND at_us IS NOT NULL
), told AS (
  SELECT *, lag(owner, 1, '') OVER events AS before, lag(kind, 1, '') OVER events AS before_kind
  FROM sound WINDOW events AS (PARTITION BY phone ORDER BY at_us, owner <> '', source, id)
), changes AS (
  SELECT day, at_us, phone, owner AS holder, kind, 1 AS numbers FROM told
  WHERE owner <> '' AND (owner <> before OR kind <> before_kind)
  UNION ALL SELECT day, at_us, phone, before, before_kind, -1 FROM told
  WHERE before <> '' AND (owner <> before OR kind <> before_kind)
), days AS (
  SELECT holder, kind, day, sum(numbers) AS net, bool_or(numbers > 0) AS gained
  FROM changes GROUP BY ALL
), held AS (
  SELECT *, sum(net) OVER (PARTITION BY holder, kind ORDER BY day) AS held FROM days
), months AS (
  SELECT holder, kind, date_trunc('month', day) AS month, max(held) AS held FROM held
  WHERE gained AND held > CASE kind WHEN 'person' THEN $person ELSE $company END GROUP BY ALL
)
SELECT months.holder, epoch_us(months.month) AS from_us, any_value(months.held), count(DISTINCT phone) AS activated
FROM months JOIN changes ON (changes.holder, changes.kind, date_trunc('month', changes.day))
  = (months.holder, months.kind, months.month) AND numbers > 0
GROUP BY months.holder, months.kind, months.month ORDER BY ALL
