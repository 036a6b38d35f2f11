# Two tries that cost something and bought nothing, then an answer. What the
# caller lost to them stands on the final attempt.
add 10s
  span=a group=a n=1 kind=first class=server_error cost=0.25 in=100 out=20 end=1s took=1s use=wasted
  span=b group=a n=2 kind=retry class=timeout status=no_usage end=4s took=2s use=unknown
  span=c group=a n=3 kind=retry final=yes cost=0.5 in=100 out=50 end=6s took=1s outcome=recovered_retry attempts=3 wasted=5s backoff=2s
cut 11s

# Given up: the whole call was a waste, from the first attempt to the end of
# the last. The second try was futile.
add 20s
  trace=2 span=a group=a n=1 kind=first class=auth status=not_billable end=11s took=1s
  trace=2 span=b group=a n=2 kind=retry class=auth status=not_billable futile end=15s took=1s
cut 100s

# One span hides three attempts.
add 101s
  trace=3 span=a cost=0.5 end=101s took=9s outcome=recovered_retry attempts=3 wasted=4s backoff=3s
cut 102s
-- out --
add 10s: accepted=3
cut 11s
  row r m: recovered_retry=1 | first=1 retry=2 attempt.timeout=1 attempt.server_error=1 | priced=2 no_usage=1 input=200 output=70 delivered=0.5 wasted=0.25 naive=0.75 unknown=1 tokens.wasted=120 lost=5s backoff=2s duration=6s/1
  component //m output 0.75 USD
  unpriced //m no_usage calls=1 tokens=0
  totals spans=3 calls=1 attempts=3 billed=2 duplicates=0 unpriced=0 no_usage=1 not_billable=0 unstamped=0 tokens=270 pending=0
  USD cost=0.75 wasted=0.25 naive=0.75 priced=2 partly=0
add 20s: accepted=2
cut 1m40s
  row r m: recovered_retry=1 failed=1 call.auth=1 | first=2 retry=3 attempt.timeout=1 attempt.server_error=1 attempt.auth=2 | priced=2 no_usage=1 not_billable=2 input=200 output=70 delivered=0.5 wasted=0.25 naive=0.75 futile=1 unknown=1 tokens.wasted=120 lost=10s backoff=5s duration=6s/1
  component //m output 0.75 USD
  unpriced //m no_usage calls=1 tokens=0
  totals spans=5 calls=2 attempts=5 billed=2 duplicates=0 unpriced=0 no_usage=1 not_billable=2 unstamped=0 tokens=270 pending=0
  USD cost=0.75 wasted=0.25 naive=0.75 priced=2 partly=0
add 1m41s: accepted=1
cut 1m42s
  row r m: recovered_retry=2 failed=1 call.auth=1 | first=3 retry=3 attempt.timeout=1 attempt.server_error=1 attempt.auth=2 | priced=3 no_usage=1 not_billable=2 input=200 output=70 delivered=1 wasted=0.25 naive=1.25 hidden=2 futile=1 unknown=1 tokens.wasted=120 lost=14s backoff=8s duration=15s/2
  component //m output 1.25 USD
  unpriced //m no_usage calls=1 tokens=0
  totals spans=6 calls=3 attempts=6 billed=3 duplicates=0 unpriced=0 no_usage=1 not_billable=2 unstamped=0 tokens=270 pending=0
  USD cost=1.25 wasted=0.25 naive=1.25 priced=3 partly=0
