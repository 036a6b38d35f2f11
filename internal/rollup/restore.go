package rollup

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"time"
)

// RestoreState takes over what MarshalState wrote, with its instance id and
// start time. The configuration may have changed: rows move to the dimensions
// and caps of now, totals stay; counts move to the new boundaries; an SLO or
// budget that means something else starts a new window, its counters go on;
// rows of another reporting currency keep their counts and lose their money.
// now is from when new SLOs and budgets have seen everything.
//
// On error the ledger is as empty as before. The error wraps ErrEmpty,
// ErrCorrupt, ErrVersion or ErrInUse; see MarkLost.
func (l *Ledger) RestoreState(data []byte, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.totals.Spans > 0 || len(l.calls.byKey) > 0 {
		return ErrInUse
	}
	if len(data) == 0 {
		return ErrEmpty
	}
	if len(data) < len(stateMagic)+4 || string(data[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("%w: %d bytes that do not start as books do", ErrCorrupt, len(data))
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return fmt.Errorf("%w: wrong checksum over %d bytes", ErrCorrupt, len(body))
	}
	fresh, err := New(l.cfg, l.instance, now)
	if err != nil {
		return err
	}
	r := restorer{reader: reader{b: body[len(stateMagic):]}, l: fresh}
	if r.version = r.uint(); r.version < oldestState || r.version > stateVersion {
		return fmt.Errorf("%w: %d, not %d to %d", ErrVersion, r.version, oldestState, stateVersion)
	}
	r.all()
	if r.bad || len(r.b) > 0 {
		return fmt.Errorf("%w: the checksum is right, the content is not", ErrCorrupt)
	}
	l.take(fresh)
	return nil
}

// take moves everything but the lock and the receipts.
func (l *Ledger) take(f *Ledger) {
	l.instance, l.start, l.lost = f.instance, f.start, f.lost
	l.layouts, l.series, l.order, l.models = f.layouts, f.series, f.order, f.models
	l.spans, l.bills, l.calls, l.slos, l.budgets, l.targets = f.spans, f.bills, f.calls, f.slos, f.budgets, f.targets
	l.past, l.graves, l.reborn, l.swept, l.ended, l.over = f.past, f.graves, f.reborn, f.swept, f.ended, f.over
	l.totals, l.cash, l.self, l.astride = f.totals, f.cash, f.self, f.astride
	// The lists of calls moved with their heads: point the calls at them.
	for _, list := range []*groupList{&l.calls.open, &l.calls.done} {
		for g := list.head; g != nil; g = g.next {
			g.list = list
		}
	}
}

// MarkLost says that the books before now could not be read. Budgets whose
// window began earlier are of unknown state until it has passed, and the
// snapshot carries the time.
func (l *Ledger) MarkLost(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = now
}

// restorer reads a state into a fresh ledger.
type restorer struct {
	reader
	l *Ledger

	version  uint64
	currency string
	dims     []string
	fit      bool  // rows have the dimensions of now, and no cap is lower
	from     []int // per dimension of now: its place in the state, -1 none
	bounds   [numHists][]int64
	rows     []*series
	slos     map[string]*sloState
}

func (r *restorer) all() {
	l := r.l
	l.instance = r.string()
	l.start = r.time()
	l.lost = r.time()
	if l.instance == "" || l.start.IsZero() {
		r.fail()
		return
	}
	r.layout()
	totals, self := r.totals()
	r.readRows()
	r.readEnded()
	r.models()
	l.spans.read(&r.reader)
	l.bills.read(&r.reader)
	r.readSLOs()
	r.readBudgets()
	l.astride.at = r.int()
	r.calls(&l.calls.open)
	r.calls(&l.calls.done)
	l.totals, l.self = totals, self
	l.slos.start = l.start // routes that are new from here on were silent before
}

func (r *reader) time() time.Time {
	if n := r.int(); n != 0 {
		return time.Unix(0, n).UTC()
	}
	return time.Time{}
}

func (r *restorer) layout() {
	r.currency = r.string()
	r.dims = r.strings(nil)
	if len(r.dims) > maxDimensions {
		r.fail()
	}
	cfg := &r.l.cfg
	if r.version > 7 {
		rows, values := r.uint(), r.uint()
		r.fit = rows <= uint64(cfg.CardinalityLimit) && values <= uint64(cfg.DimensionLimit) && slices.Equal(r.dims, cfg.Dimensions)
	}
	for _, d := range cfg.Dimensions {
		r.from = append(r.from, slices.Index(r.dims, d))
	}
	for i := range r.bounds {
		for range r.count(1) {
			r.bounds[i] = append(r.bounds[i], r.int())
		}
	}
}

func (r *restorer) totals() (t Totals, self Self) {
	for _, p := range t.counters() {
		*p = r.int()
	}
	l := r.l
	for range r.count(8) {
		name := r.string()
		c := l.cashOf(name)
		if c == nil {
			c = &CurrencyTotal{}
		}
		for _, p := range c.amounts() {
			*p = r.amount()
		}
		c.CallsPriced, c.CallsWithNoTotal = r.int(), r.int()
	}
	for _, p := range self.counters() {
		*p = r.int()
	}
	l.spans.early, l.bills.early = r.int(), r.int()
	return t, self
}
