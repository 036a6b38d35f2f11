package rollup

import "time"

// modelDimension is the dimension that names the model.
const modelDimension = "spanledger.model.id"

// recentSpan is the span of SLORow.Recent.
const recentSpan = 5 * time.Minute

// blame counts the rows of recent bad events, the commonest few: a row that
// finds no place takes that of the rarest with its count, so that a common one
// is never missed. Each hour halves what was before.
type blame struct {
	hour int64
	rows [8]*series
	n    [8]int64
}

func (b *blame) add(row *series, at int64) {
	switch hour := at / int64(time.Hour); {
	case row == nil || hour < b.hour:
		return
	case hour > b.hour+1:
		*b = blame{hour: hour}
	case hour > b.hour:
		b.hour = hour
		for i := range b.n {
			b.n[i] /= 2
		}
	}
	rarest := 0
	for i, r := range &b.rows {
		if r == row {
			b.n[i]++
			return
		}
		if b.n[i] < b.n[rarest] {
			rarest = i
		}
	}
	b.rows[rarest] = row
	b.n[rarest]++
}

// top is the value of a dimension with the most events, the first in
// alphabetical order of several; "" where there is none.
func (b *blame) top(dimension int) (top string) {
	if dimension < 0 {
		return ""
	}
	var most int64
	for _, r := range &b.rows {
		if r == nil || dimension >= len(r.Dims) {
			continue
		}
		sum, value := int64(0), r.Dims[dimension]
		for j := range &b.rows {
			if b.rows[j] != nil && b.rows[j].Dims[dimension] == value {
				sum += b.n[j]
			}
		}
		if sum > most || sum == most && value < top {
			top, most = value, sum
		}
	}
	return top
}

// put writes the rows by their numbers, 0 for none.
func (b *blame) put(out []byte) []byte {
	out = putInt(out, b.hour)
	for i, row := range &b.rows {
		if row == nil {
			out = putUint(out, 0)
			continue
		}
		out = putInt(putUint(out, uint64(row.index)+1), b.n[i])
	}
	return out
}

// blame is the inverse of put, once the rows are known.
func (r *restorer) blame(b *blame) {
	b.hour = r.int()
	for i := range b.rows {
		if n := r.below(len(r.rows) + 1); n > 0 && !r.bad {
			b.rows[i], b.n[i] = r.rows[n-1], max(0, r.int())
		}
	}
}
