# The answer passed as a call of its own before the link was seen; then the
# loser arrives, known not to be the final attempt. There is one call.
add 5s
  span=b cost=0.5 end=4s
add 6s
  span=a group=a n=1 kind=first class=cancelled final=no status=not_billable end=5s
cut 100s
-- out --
add 5s: accepted=1
add 6s: accepted=1
cut 1m40s
  row r m: success=1 | first=2 attempt.cancelled=1 | priced=1 not_billable=1 delivered=0.5 duration=1s/1
  component //m output 0.5 USD
  totals spans=2 calls=1 attempts=2 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=0
  USD cost=0.5 wasted=0 naive=0.5 priced=1 partly=0
  self split_calls=1
