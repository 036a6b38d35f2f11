package rollup

import (
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/spanledger/spanledger/internal/money"
)

// maxFuture is how far ahead of the ledger's clock a span may end before its
// own clock is not believed.
const maxFuture = 5 * time.Minute

// Ledger is the one engine: Add books records, Cut says how the books stand.
// It is safe for concurrent use. It asks no clock and starts no goroutine;
// calls settle when Add or Cut is told that time has passed.
type Ledger struct {
	mu       sync.Mutex
	cfg      Config
	instance string
	start    time.Time
	lost     time.Time // figures before it are incomplete; zero: nothing was lost

	layouts [numHists]layout
	series  *seriesTable
	order   []int32 // rows by route and dimensions
	past    series  // the sum of the rows that expired
	graves  graves  // what the folds that go on hold of them
	reborn  int64   // from when new rows count: after the last of those ended, Unix nanoseconds; 0 none did
	swept   int64   // the minute up to which rows have ended
	ended   []Ended // lately
	over    []EndedFold
	models  modelTable
	spans   *seen
	bills   *seen
	calls   pending
	slos    sloBook
	budgets []*budgetState
	targets targetTable
	recent  receipts
	astride astride

	totals Totals
	cash   []CurrencyTotal // the reporting currency first
	self   Self

	dims  []string // scratch: a record's dimensions at full length
	ahead lookahead
}

// New opens empty books. instance is a stable id of this ledger; now becomes
// the start of its cumulative figures. Both are replaced by RestoreState.
func New(cfg Config, instance string, now time.Time) (*Ledger, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if instance == "" {
		return nil, errors.New("a ledger needs an instance id")
	}
	if now.UnixNano() <= 0 {
		return nil, fmt.Errorf("a ledger cannot start at %v", now)
	}
	l := &Ledger{
		cfg: cfg, instance: instance, start: now,
		models: modelTable{limit: max(1, cfg.DimensionLimit), byID: map[identity]*modelBooks{}},
		cash:   []CurrencyTotal{{Currency: cfg.ReportingCurrency}},
		dims:   make([]string, len(cfg.Dimensions)),
		recent: newReceipts(cfg.Receipts),
	}
	l.layouts = cfg.layouts()
	l.series = newSeriesTable(len(cfg.Dimensions), cfg.CardinalityLimit, cfg.DimensionLimit, cfg.protectedRoutes())
	seed := maphash.MakeSeed()
	l.spans = newSeen(int64(cfg.Dedupe.Horizon), cfg.Dedupe.MaxSpans, maphash.String(seed, "spans"))
	l.bills = newSeen(int64(cfg.Dedupe.Horizon), cfg.Dedupe.MaxSpans, maphash.String(seed, "bills"))
	l.calls = newPending(int64(cfg.Settle), int64(cfg.Dedupe.Horizon), cfg.MaxPending)
	l.slos = newSLOBook(&cfg, now)
	l.budgets = newBudgets(&cfg, now)
	return l, nil
}

// protectedRoutes are those that the configuration names.
func (c *Config) protectedRoutes() map[string]bool {
	routes := map[string]bool{}
	for _, r := range c.Protected {
		routes[r] = true
	}
	for _, s := range c.SLOs {
		if r, ok := s.Where[RouteKey]; ok {
			routes[r] = true
		}
	}
	for _, b := range c.Budgets {
		if r, ok := b.Where[RouteKey]; ok {
			routes[r] = true
		}
	}
	return routes
}

// AddResult says what became of the records of one Add.
type AddResult struct {
	Accepted       int // booked, in whatever way
	Redelivered    int // known spans, ignored
	DuplicateBills int // spans whose bill was already booked
	Late           int // older than the alert windows
	Future         int // clocks that run ahead; booked as of now
	Overflow       int // kept out of their row by a cap
	Unconverted    int // priced in another currency
	LateAttempts   int // attempts at a call that had settled
}

func (r *AddResult) add(o AddResult) {
	r.Accepted += o.Accepted
	r.Redelivered += o.Redelivered
	r.DuplicateBills += o.DuplicateBills
	r.Late += o.Late
	r.Future += o.Future
	r.Overflow += o.Overflow
	r.Unconverted += o.Unconverted
	r.LateAttempts += o.LateAttempts
}

// Add books records that arrived at now. A span that was booked before,
// within the dedupe horizon, changes nothing. Nothing of the records is
// retained. In steady state it does not allocate.
func (l *Ledger) Add(recs []Record, now time.Time) AddResult {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(recs, now.UnixNano())
}

func (l *Ledger) add(recs []Record, now int64) (res AddResult) {
	l.settleDue(now)
	l.rollBudgets(now)
	l.expireRows(now)
	for len(recs) > 0 {
		n := min(len(recs), warmBatch)
		l.lookAhead(recs[:n])
		for i := range recs[:n] {
			l.book(&recs[i], &l.ahead, i, now, &res)
		}
		recs = recs[n:]
	}
	l.self.Redelivered += int64(res.Redelivered)
	l.self.DuplicateBills += int64(res.DuplicateBills)
	l.self.Late += int64(res.Late)
	l.self.Future += int64(res.Future)
	l.self.OverflowRecords += int64(res.Overflow)
	l.self.Unconverted += int64(res.Unconverted)
	l.self.LateAttempts += int64(res.LateAttempts)
	return res
}

// cashOf returns the totals of a currency; nil past maxCurrencies, beyond
// which a currency is counted as unconverted and no more.
func (l *Ledger) cashOf(currency string) *CurrencyTotal {
	for i := range l.cash {
		if l.cash[i].Currency == currency {
			return &l.cash[i]
		}
	}
	if currency == "" || len(l.cash) >= maxCurrencies {
		return nil
	}
	l.cash = append(l.cash, CurrencyTotal{Currency: clone(currency)})
	return &l.cash[len(l.cash)-1]
}

const maxCurrencies = 200

func addTo(a *money.Amount, b money.Amount) { *a = a.Add(b) }
