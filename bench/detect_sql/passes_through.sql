WITH legs AS (
  SELECT at_us, amount, payee_account AS account, payer_account AS other, true AS inward,
    side <> 'payer' AS own, instrument IN ('transfer', 'wallet', 'crypto')
      AND coalesce(payer_holder <> payee_holder, true) AS counts, currency,
    CASE WHEN side = 'payee' THEN balance END AS balance FROM payments
  UNION ALL
  SELECT at_us, amount, payer_account, payee_account, false, side <> 'payee',
    instrument IN ('transfer', 'cash_out', 'wallet', 'crypto'), currency,
    CASE WHEN side = 'payer' THEN balance END FROM payments
), sound AS (
  SELECT *, at_us // 86400000000 AS day FROM legs
  WHERE account IS NOT NULL AND coalesce(account <> other, true)
), booked AS (SELECT DISTINCT account, day FROM sound WHERE own),
kept AS (
  SELECT * FROM sound WHERE own
  UNION ALL SELECT * FROM sound ANTI JOIN booked USING (account, day) WHERE NOT own
), met AS (
  SELECT account, other, min(at_us) AS met_us FROM kept WHERE other IS NOT NULL GROUP BY ALL
), strange AS (
  SELECT kept.* FROM kept LEFT JOIN met ON kept.account = met.account AND kept.other = met.other
  WHERE counts AND coalesce(at_us - met_us < 7 * 86400000000, true)
), inward AS (SELECT * FROM strange WHERE inward),
arrivals AS (SELECT DISTINCT account, currency, at_us AS came_us FROM inward),
passed AS (
  SELECT strange.*, came_us FROM strange ASOF JOIN arrivals
  ON strange.account = arrivals.account AND strange.currency = arrivals.currency
    AND strange.at_us >= arrivals.came_us
  WHERE NOT inward AND at_us - came_us <= 6 * 3600000000
), followed AS (
  SELECT *, at_us AS came_us FROM inward UNION ALL SELECT * FROM passed
)
SELECT account, came_us // 86400000000 * 86400000000 AS from_us,
  sum(amount) FILTER (inward) AS received, coalesce(sum(amount) FILTER (NOT inward), 0) AS passed
FROM followed GROUP BY account, currency, came_us // 86400000000
HAVING received >= 2000000 AND passed * 1000 BETWEEN received * 850 AND received * 1005
  AND count(DISTINCT other) FILTER (inward) <= 5 AND coalesce(min(balance), 0) < received * 5
ORDER BY ALL
