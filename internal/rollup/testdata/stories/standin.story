# Two requests below a span that never comes are one failed call of two
# attempts. They count when the call is given up.
add 2s
  span=h1 parent=gone role=transport evidence=transport class=rate_limited status=not_billable end=1s took=500ms
  span=h2 parent=gone role=transport evidence=transport class=server_error status=not_billable end=2s took=500ms
cut 3s
cut 100s

# The call comes after its requests: it says all that they say.
add 102s
  trace=2 span=h1 parent=c role=transport evidence=transport class=rate_limited status=not_billable end=101s
add 103s
  trace=2 span=c status=priced cost=0.5 end=103s took=3s outcome=recovered_retry attempts=2 wasted=1s backoff=500ms
cut 200s

# It failed as well: one failure, told twice.
add 202s
  trace=3 span=h1 parent=c role=transport evidence=transport class=rate_limited status=not_billable end=201s
add 203s
  trace=3 span=c class=rate_limited status=not_billable end=203s took=3s
cut 300s

# The request on its way after its call says nothing new.
add 302s
  trace=4 span=c class=rate_limited status=not_billable end=302s took=3s
  trace=4 span=h1 parent=c role=transport evidence=transport class=rate_limited status=not_billable end=301s
cut 400s

# They are siblings: the call names the span above both, whichever comes first.
add 402s
  trace=5 span=h1 parent=p role=transport evidence=transport class=rate_limited status=not_billable end=401s
add 403s
  trace=5 span=c parent=p takes=p class=rate_limited status=not_billable end=403s
  trace=6 span=c parent=p takes=p cost=0.5 end=403s
  trace=6 span=h1 parent=p role=transport evidence=transport class=rate_limited status=not_billable end=401s
cut 500s

# The call comes after what stood in for it was given up: the failure is
# counted, an answer is a late one.
add 502s
  trace=7 span=h1 parent=c role=transport evidence=transport class=rate_limited status=not_billable end=501s
cut 600s
add 602s
  trace=7 span=c class=rate_limited status=not_billable end=602s took=101s
cut 700s
-- out --
add 2s: accepted=2
cut 3s
  row r m: | | not_billable=2
  totals spans=2 calls=0 attempts=0 billed=0 duplicates=0 unpriced=0 no_usage=0 not_billable=2 unstamped=0 tokens=0 pending=1
  USD cost=0 wasted=0 naive=0 priced=0 partly=0
cut 1m40s
  row r m: failed=1 call.server_error=1 | first=1 retry=1 attempt.rate_limited=1 attempt.server_error=1 | not_billable=2 lost=1.5s backoff=500ms
  totals spans=2 calls=1 attempts=2 billed=0 duplicates=0 unpriced=0 no_usage=0 not_billable=2 unstamped=0 tokens=0 pending=0
  USD cost=0 wasted=0 naive=0 priced=0 partly=0
add 1m42s: accepted=1
add 1m43s: accepted=1
cut 3m20s
  row r m: recovered_retry=1 failed=1 call.server_error=1 | first=2 retry=1 attempt.rate_limited=1 attempt.server_error=1 | priced=1 not_billable=3 delivered=0.5 hidden=1 lost=2.5s backoff=1s duration=3s/1
  component //m output 0.5 USD
  totals spans=4 calls=2 attempts=3 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=3 unstamped=0 tokens=0 pending=0
  USD cost=0.5 wasted=0 naive=0.5 priced=1 partly=0
add 3m22s: accepted=1
add 3m23s: accepted=1
cut 5m0s
  row r m: recovered_retry=1 failed=2 call.rate_limited=1 call.server_error=1 | first=3 retry=1 attempt.rate_limited=2 attempt.server_error=1 | priced=1 not_billable=5 delivered=0.5 hidden=1 lost=5.5s backoff=1s duration=3s/1
  component //m output 0.5 USD
  totals spans=6 calls=3 attempts=4 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=5 unstamped=0 tokens=0 pending=0
  USD cost=0.5 wasted=0 naive=0.5 priced=1 partly=0
add 5m2s: accepted=2
cut 6m40s
  row r m: recovered_retry=1 failed=3 call.rate_limited=2 call.server_error=1 | first=4 retry=1 attempt.rate_limited=3 attempt.server_error=1 | priced=1 not_billable=7 delivered=0.5 hidden=1 lost=8.5s backoff=1s duration=3s/1
  component //m output 0.5 USD
  totals spans=8 calls=4 attempts=5 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=7 unstamped=0 tokens=0 pending=0
  USD cost=0.5 wasted=0 naive=0.5 priced=1 partly=0
add 6m42s: accepted=1
add 6m43s: accepted=3
cut 8m20s
  row r m: success=1 recovered_retry=1 failed=4 call.rate_limited=3 call.server_error=1 | first=6 retry=1 attempt.rate_limited=4 attempt.server_error=1 | priced=2 not_billable=10 delivered=1 hidden=1 lost=9.5s backoff=1s duration=4s/2
  component //m output 1 USD
  totals spans=12 calls=6 attempts=7 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=10 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=2 partly=0
add 8m22s: accepted=1
cut 10m0s
  row r m: success=1 recovered_retry=1 failed=5 call.rate_limited=4 call.server_error=1 | first=7 retry=1 attempt.rate_limited=5 attempt.server_error=1 | priced=2 not_billable=11 delivered=1 hidden=1 lost=10.5s backoff=1s duration=4s/2
  component //m output 1 USD
  totals spans=13 calls=7 attempts=8 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=11 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=2 partly=0
add 10m2s: accepted=1
cut 11m40s
  row r m: success=1 recovered_retry=1 failed=5 call.rate_limited=4 call.server_error=1 | first=7 retry=1 attempt.rate_limited=5 attempt.server_error=1 | priced=2 not_billable=12 delivered=1 hidden=1 lost=10.5s backoff=1s duration=4s/2
  component //m output 1 USD
  totals spans=14 calls=7 attempts=8 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=12 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=2 partly=0
