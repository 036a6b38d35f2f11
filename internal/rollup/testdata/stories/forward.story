# Forward mode: the first failure passes before anybody knows of a retry. It
# waits; the retry names it as its group, and there is one call, not two.
add 1s
  span=a class=server_error status=not_billable end=1s
cut 2s
add 5s
  span=b group=a n=2 kind=fallback final=yes model=backup cost=0.5 end=4s
cut 6s

# The same the other way round: the answer comes first, the failure it
# answers for belongs to it all the same.
add 10s
  trace=2 span=d group=c n=2 kind=retry final=yes cost=0.5 end=9s
  trace=2 span=c class=overloaded status=not_billable end=8s
cut 200s
-- out --
add 1s: accepted=1
cut 2s
  row r m: | first=1 attempt.server_error=1 | not_billable=1
  totals spans=1 calls=0 attempts=1 billed=0 duplicates=0 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=1
  USD cost=0 wasted=0 naive=0 priced=0 partly=0
add 5s: accepted=1
cut 6s
  row r backup: recovered_fallback=1 | fallback=1 | priced=1 delivered=0.5 duration=4s/1
  row r m: | first=1 attempt.server_error=1 | not_billable=1
  component //backup output 0.5 USD
  totals spans=2 calls=1 attempts=2 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=0
  USD cost=0.5 wasted=0 naive=0.5 priced=1 partly=0
add 10s: accepted=2
cut 3m20s
  row r backup: recovered_fallback=1 | fallback=1 | priced=1 delivered=0.5 duration=4s/1
  row r m: recovered_retry=1 | first=2 retry=1 attempt.overloaded=1 attempt.server_error=1 | priced=1 not_billable=2 delivered=0.5 duration=1s/1
  component //backup output 0.5 USD
  component //m output 0.5 USD
  totals spans=4 calls=2 attempts=4 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=2 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=2 partly=0
