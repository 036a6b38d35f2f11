package rollup

import (
	"math/big"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Spend is what one row spent between two snapshots.
type Spend struct {
	Route string
	Dims  []string
	// Calls are spans with a total; Tokens those of billed spans.
	Calls, Tokens int64
	// Delivered is what was spent on answers, Wasted all the rest.
	Delivered, Wasted money.Amount
}

// SpendBetween takes the difference of two snapshots of one ledger, the
// earlier first; a nil earlier one is the start of the ledger. Rows without
// change are left out, the others keep the order of the snapshot.
func SpendBetween(earlier, later *Snapshot) []Spend {
	before := map[string]*Row{} // as large as the snapshot, and gone with it
	if earlier != nil {
		for i := range earlier.Rows {
			before[rowName(&earlier.Rows[i])] = &earlier.Rows[i]
		}
	}
	var list []Spend
	for i := range later.Rows {
		r := &later.Rows[i]
		s := spendOf(r)
		if b := before[rowName(r)]; b != nil && !r.Start.After(earlier.At) {
			was := spendOf(b)
			s.Calls -= was.Calls
			s.Tokens -= was.Tokens
			s.Delivered = s.Delivered.Sub(was.Delivered)
			s.Wasted = s.Wasted.Sub(was.Wasted)
		}
		if s.Calls != 0 || s.Tokens != 0 || !s.Delivered.IsZero() || !s.Wasted.IsZero() {
			list = append(list, s)
		}
	}
	return list
}

func spendOf(r *Row) Spend {
	s := Spend{
		Route: r.Route, Dims: r.Dims, Delivered: r.Cost[stamp.UseDelivered],
		Wasted: r.Cost[stamp.UseWasted].Add(r.Cost[stamp.UseUnknown]),
		Calls:  r.Statuses[stamp.StatusPriced] + r.Statuses[stamp.StatusReported],
	}
	for _, n := range r.Tokens {
		s.Tokens += n
	}
	return s
}

// rowName is unambiguous: values are preceded by their length.
func rowName(r *Row) string { return spendName(r.Route, r.Dims) }

func spendName(route string, dims []string) string {
	b := putString(nil, route)
	for _, d := range dims {
		b = putString(b, d)
	}
	return string(b)
}

// Cause is why spend changed.
type Cause string

// The causes, in the order in which they are taken off the change.
const (
	CauseVolume Cause = "volume" // more or fewer calls, at the old mix and cost
	CauseMix    Cause = "mix"    // calls moved between rows of different cost
	CauseNew    Cause = "new"    // a row that spent nothing before
	CauseTokens Cause = "tokens" // more or fewer tokens a call
	CausePrice  Cause = "price"  // another price a token: tariff, cache hits, kind of token
	CauseWaste  Cause = "waste"  // money that bought nothing
)

// Effect is one part of a change: a cause, and where it acted. Volume belongs
// to no row.
type Effect struct {
	Cause  Cause
	Route  string
	Dims   []string
	Amount money.Amount
}

// Explanation takes the change of spend between two windows apart. The
// effects add up to Change exactly.
type Explanation struct {
	Before, After, Change money.Amount
	Effects               []Effect // largest first
}

// Explain compares two windows of any length. For answered calls the change
// is split as index numbers are: volume at old mix and cost, mix at old cost,
// then tokens a call at old price, and price as what remains. Each part is
// rounded once to a pico-unit, and what a row's parts lack goes to its last.
func Explain(before, after []Spend) Explanation {
	old := map[string]*Spend{}
	var x Explanation
	var total, now Spend
	for i := range before {
		s := &before[i]
		old[spendName(s.Route, s.Dims)] = s
		addTo(&x.Before, s.Delivered.Add(s.Wasted))
		addTo(&total.Delivered, s.Delivered)
		total.Calls += s.Calls
	}
	for i := range after {
		addTo(&x.After, after[i].Delivered.Add(after[i].Wasted))
		now.Calls += after[i].Calls
	}
	x.Change = x.After.Sub(x.Before)
	rest := x.Change
	add := func(c Cause, s *Spend, a money.Amount) {
		rest = rest.Sub(a)
		if !a.IsZero() {
			x.Effects = append(x.Effects, Effect{c, s.Route, s.Dims, a})
		}
	}
	for i := range after {
		s := &after[i]
		name := spendName(s.Route, s.Dims)
		was := old[name]
		if was == nil {
			was = &Spend{}
		}
		delete(old, name)
		explainRow(was, s, total.Calls, now.Calls, add)
	}
	for i := range before { // rows that fell silent
		if s := &before[i]; old[spendName(s.Route, s.Dims)] != nil {
			explainRow(s, &Spend{Route: s.Route, Dims: s.Dims}, total.Calls, now.Calls, add)
		}
	}
	// What the rows leave is the volume: (calls now - calls then) at the old
	// cost of a call, to within a pico-unit a row.
	add(CauseVolume, &Spend{}, rest)
	slices.SortStableFunc(x.Effects, func(a, b Effect) int {
		return firstOf(magnitude(b.Amount).Cmp(magnitude(a.Amount)), firstOf(strings.Compare(string(a.Cause), string(b.Cause)),
			firstOf(strings.Compare(a.Route, b.Route), slices.Compare(a.Dims, b.Dims))))
	})
	return x
}

// explainRow adds the effects of one row; callsThen and callsNow are those of
// all rows.
func explainRow(was, is *Spend, callsThen, callsNow int64, add func(Cause, *Spend, money.Amount)) {
	add(CauseWaste, is, is.Wasted.Sub(was.Wasted))
	if was.Calls <= 0 {
		add(CauseNew, is, is.Delivered.Sub(was.Delivered))
		return
	}
	// Had the row kept its share of all calls, and its old cost of a call:
	kept := scale(was.Delivered, callsNow, callsThen)
	moved := scale(was.Delivered, is.Calls, was.Calls)
	add(CauseMix, is, moved.Sub(kept))
	sized := moved
	if was.Tokens > 0 {
		sized = scale(was.Delivered, is.Tokens, was.Tokens)
		add(CauseTokens, is, sized.Sub(moved))
	}
	add(CausePrice, is, is.Delivered.Sub(sized))
}

func magnitude(a money.Amount) money.Amount {
	if a.Sign() < 0 {
		return a.Neg()
	}
	return a
}

// scale is a * num / den, rounded half away from zero; den > 0.
func scale(a money.Amount, num, den int64) money.Amount {
	hi, lo := a.Words()
	n := new(big.Int).Lsh(big.NewInt(hi), 64)
	n.Add(n, new(big.Int).SetUint64(lo))
	n.Mul(n, big.NewInt(2*num))
	if n.Sign() < 0 {
		n.Sub(n, big.NewInt(den))
	} else {
		n.Add(n, big.NewInt(den))
	}
	n.Quo(n, big.NewInt(2*den))
	lo = new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0))).Uint64()
	return money.FromWords(n.Rsh(n, 64).Int64(), lo)
}
