# Two failures, then an answer: one call, recovered; three attempts; the
# failure that was billed is wasted. The call lasts from the first start.
add 8s
  span=a group=a n=1 kind=first class=rate_limited final=no status=not_billable end=1s took=1s
  span=b group=a n=2 kind=retry class=timeout final=no cost=0.2 in=10 end=4s took=2s
  span=c group=a n=3 kind=retry final=yes cost=0.5 in=10 out=20 end=7s took=2s
cut 9s
-- out --
add 8s: accepted=3
cut 9s
  row r m: recovered_retry=1 | first=1 retry=2 attempt.rate_limited=1 attempt.timeout=1 | priced=2 not_billable=1 input=20 output=20 delivered=0.5 wasted=0.2 naive=0.7 tokens.wasted=10 duration=7s/1
  component //m output 0.7 USD
  totals spans=3 calls=1 attempts=3 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=40 pending=0
  USD cost=0.7 wasted=0.2 naive=0.7 priced=2 partly=0
