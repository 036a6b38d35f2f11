# Nobody answers: failed once the settling time is over since the last failure,
# in the row of the final attempt. What comes after that is a call of its own.
config settle=60s
add 1s
  span=a model=big group=a n=1 kind=first class=timeout status=not_billable end=1s
add 31s
  span=b model=small group=a n=2 kind=fallback class=overloaded status=not_billable end=30s
cut 90s
cut 91s
add 100s
  span=c model=big group=a n=3 kind=fallback cost=1 end=99s
cut 101s
# Said to be final: nothing to wait for.
add 110s
  trace=2 span=a group=a n=1 kind=first class=timeout final=yes status=not_billable end=109s
cut 110s
-- out --
add 1s: accepted=1
add 31s: accepted=1
cut 1m30s
  row r big: | first=1 attempt.timeout=1 | not_billable=1
  row r small: | fallback=1 attempt.overloaded=1 | not_billable=1
  totals spans=2 calls=0 attempts=2 billed=0 duplicates=0 unpriced=0 no_usage=0 not_billable=2 unstamped=0 tokens=0 pending=1
  USD cost=0 wasted=0 naive=0 priced=0 partly=0
cut 1m31s
  row r big: | first=1 attempt.timeout=1 | not_billable=1
  row r small: failed=1 call.overloaded=1 | fallback=1 attempt.overloaded=1 | not_billable=1 lost=30s backoff=28s
  totals spans=2 calls=1 attempts=2 billed=0 duplicates=0 unpriced=0 no_usage=0 not_billable=2 unstamped=0 tokens=0 pending=0
  USD cost=0 wasted=0 naive=0 priced=0 partly=0
add 1m40s: accepted=1 late_attempts=1
cut 1m41s
  row r big: recovered_fallback=1 | first=1 fallback=1 attempt.timeout=1 | priced=1 not_billable=1 delivered=1 duration=1s/1
  row r small: failed=1 call.overloaded=1 | fallback=1 attempt.overloaded=1 | not_billable=1 lost=30s backoff=28s
  component //big output 1 USD
  totals spans=3 calls=2 attempts=3 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=2 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=1 partly=0
  self late_attempts=1
add 1m50s: accepted=1
cut 1m50s
  row r big: recovered_fallback=1 | first=1 fallback=1 attempt.timeout=1 | priced=1 not_billable=1 delivered=1 duration=1s/1
  row r m: failed=1 call.timeout=1 | first=1 attempt.timeout=1 | not_billable=1 lost=1s
  row r small: failed=1 call.overloaded=1 | fallback=1 attempt.overloaded=1 | not_billable=1 lost=30s backoff=28s
  component //big output 1 USD
  totals spans=4 calls=3 attempts=4 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=3 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=1 partly=0
  self late_attempts=1
