package llmspan

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// scan is what one pass over the attributes found. It lives on the stack of
// the reader; rank 0 means that a slot is empty.
type scan struct {
	counts    [numCounts]int64
	texts     [numTexts]string
	money     [numMoneys]pcommon.Value
	countRank [numCounts]uint8
	textRank  [numTexts]uint8
	moneyRank [numMoneys]uint8
	// seen is the set of dialects that a key of their own was seen of.
	seen uint64
	// last is the highest text slot that was filled: slots of markers and of
	// values inside values come last, and most spans fill none of them.
	last      slot
	gates     gate
	flags     uint8
	conflicts int
	// billed is a cost that the billing provider itself reported, found inside
	// another value.
	billed string
}

// attributes fills the slots from one map in one pass.
func (s *scan) attributes(m pcommon.Map) {
	for k, v := range m.All() {
		if isStamp(k) { // ours: ReadStamp reads them
			continue
		}
		r := keys.find(k)
		if r == nil || (r.gate != 0 && r.gate&s.gates == 0) {
			continue
		}
		if !r.quiet {
			s.seen |= 1 << r.dialect
		}
		s.take(r, v)
	}
}

// take reads one value into its slot; a value of the wrong type, or a text
// that is no number, is a conflict and leaves the slot alone.
func (s *scan) take(r *row, v pcommon.Value) {
	switch r.form {
	case formMark:
		s.flags |= 1 << r.slot
	case formCount:
		n, ok := countOf(v)
		s.count(r, n, ok)
	case formHeader:
		if n, ok := headerCount(v); ok { // Portkey writes -1 once it has given up: no count
			s.count(r, n, ok)
		}
	case formSeconds:
		n, ok := nanosOf(v, 1e9)
		s.count(r, n, ok)
	case formMillis:
		n, ok := nanosOf(v, 1e6)
		s.count(r, n, ok)
	case formText:
		t, ok := textOf(v)
		s.text(r, t, ok)
	case formQuoted:
		t, ok := textOf(v)
		s.text(r, unquote(t), ok)
	case formObject:
		t, ok := objectOf(v)
		s.text(r, t, ok)
	case formFirst:
		t, ok := firstOf(v)
		s.text(r, t, ok)
	case formMoney:
		if t := v.Type(); t != pcommon.ValueTypeDouble && t != pcommon.ValueTypeInt && t != pcommon.ValueTypeStr {
			s.conflicts++
		} else if better(s.moneyRank[r.slot], r.rank) {
			s.money[r.slot], s.moneyRank[r.slot] = v, r.rank+1
		}
	}
}

// flag reports whether a key with that meaning was present.
func (s *scan) flag(f slot) bool { return s.flags&(1<<f) != 0 }

func better(have, rank uint8) bool { return have == 0 || rank+1 < have }

func (s *scan) count(r *row, n int64, ok bool) {
	if !ok {
		s.conflicts++
	} else if better(s.countRank[r.slot], r.rank) {
		s.counts[r.slot], s.countRank[r.slot] = n, r.rank+1
	}
}

func (s *scan) text(r *row, t string, ok bool) {
	if !ok {
		s.conflicts++
		return
	}
	if t != "" && better(s.textRank[r.slot], r.rank) {
		s.fill(r.slot, t, r.rank+1)
	}
}

// has reports whether a count was stated, zero included.
func (s *scan) has(n slot) bool { return s.countRank[n] != 0 }

// setCount fills a slot from a place that is no attribute of its own; what an
// attribute said stands.
func (s *scan) setCount(n slot, v int64) {
	if s.countRank[n] == 0 {
		s.counts[n], s.countRank[n] = v, 200
	}
}

// forceCount overrides a slot: the user's own mapping.
func (s *scan) forceCount(n slot, v int64) { s.counts[n], s.countRank[n] = v, 1 }

func (s *scan) setText(n slot, v string) {
	if s.textRank[n] == 0 && v != "" {
		s.fill(n, v, 200)
	}
}

func (s *scan) forceText(n slot, v string) { s.fill(n, v, 1) }

func (s *scan) fill(n slot, v string, rank uint8) {
	s.texts[n], s.textRank[n], s.last = v, rank, max(s.last, n)
}

// marked reports whether a marker may have been seen, packed whether a value
// that holds others may have been.
func (s *scan) marked() bool { return s.last >= firstMarker }
func (s *scan) packed() bool { return s.last >= firstBlob }
