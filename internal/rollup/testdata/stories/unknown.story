# Unknown is never zero: it is counted, by reason and by model.
config budget=r:10:8:day
add 1s
  span=a cost=4 out=5
  span=b status=unpriced_model model=new in=30
  span=c status=no_usage
  span=d atleast=0.5 in=20
  span=e cost=3 currency=EUR
  span=f status= in=9
  span=g cost=0.5 class=timeout use=unknown
cut 2s
-- out --
add 1s: accepted=7 unconverted=1
cut 2s
  row r m: success=5 | first=6 attempt.timeout=1 | =1 priced=3 partial=1 no_usage=1 input=20 output=5 delivered=4 unknown=0.5 at_least=0.5 naive=5 unknown=1 duration=5s/5
  row r new: success=1 | first=1 | unpriced_model=1 input=30 duration=1s/1
  component //m output 4.5 USD
  unpriced //m partial calls=1 tokens=20
  unpriced //m no_usage calls=1 tokens=0
  unpriced //new unpriced_model calls=1 tokens=30
  budget r-budget ok spent=4.5/10 share=0.29 calls=7
  totals spans=7 calls=6 attempts=7 billed=3 duplicates=0 unpriced=2 no_usage=1 not_billable=0 unstamped=1 tokens=55 pending=1
  EUR cost=3 wasted=0 naive=3 priced=1 partly=0
  USD cost=4.5 wasted=0 naive=5 priced=2 partly=1
  self unconverted=1
