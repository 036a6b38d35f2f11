package slooracle

import (
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

// inputs are the givens of a row; numbers keep the digits they were written
// with.
type inputs map[string]any

func (in inputs) has(field string) bool { _, ok := in[field]; return ok }

func (in inputs) text(field string) string {
	switch v := in[field].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// count is a whole number, in whichever way JSON writes it: 1e15 is one too.
func (in inputs) count(field string) (int64, error) {
	n, ok := in[field].(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s: no number", field)
	}
	x, ok := new(big.Rat).SetString(n.String())
	if !ok || !x.IsInt() || !x.Num().IsInt64() {
		return 0, fmt.Errorf("%s: %s is no count", field, n)
	}
	return x.Num().Int64(), nil
}

func (in inputs) counts(field string) ([]int64, error) {
	list, ok := in[field].([]any)
	if !ok {
		return nil, fmt.Errorf("%s: no list", field)
	}
	var ns []int64
	for _, v := range list {
		n, err := inputs{field: v}.count(field)
		if err != nil {
			return nil, err
		}
		ns = append(ns, n)
	}
	return ns, nil
}

// ratio is the number in a field divided by scale (100 for percent).
func (in inputs) ratio(field string, scale int64) (slo.Ratio, error) {
	x, ok := new(big.Rat).SetString(in.text(field))
	if !ok {
		return slo.Ratio{}, fmt.Errorf("%s: no number", field)
	}
	return fraction(field, x.Quo(x, big.NewRat(scale, 1)))
}

func fraction(field string, x *big.Rat) (slo.Ratio, error) {
	if x.Sign() < 0 || !x.Num().IsInt64() || !x.Denom().IsInt64() {
		return slo.Ratio{}, fmt.Errorf("%s: %s does not fit", field, x)
	}
	return slo.Ratio{Num: x.Num().Int64(), Den: x.Denom().Int64()}, nil
}

// span is the number in a field times unit.
func (in inputs) span(field string, unit time.Duration) (time.Duration, error) {
	x, ok := new(big.Rat).SetString(in.text(field))
	if !ok {
		return 0, fmt.Errorf("%s: no number", field)
	}
	x.Mul(x, big.NewRat(int64(unit), 1))
	if !x.IsInt() || !x.Num().IsInt64() {
		return 0, fmt.Errorf("%s: %s is no whole time", field, x)
	}
	return time.Duration(x.Num().Int64()), nil
}

// target is the objective, through the parser that configurations go through.
// That refuses 0, which asks nothing of a service; the formulas do not mind it.
func (in inputs) target() (slo.Objective, error) {
	field, scale := "target", int64(1)
	if in.has("objective_percent") {
		field, scale = "objective_percent", 100
	}
	r, err := in.ratio(field, scale)
	if err != nil {
		return slo.Objective{}, err
	}
	if r.Num == 0 {
		return slo.Objective(r), nil
	}
	return slo.ParseObjective(r.String())
}

// sliceTarget is the share of good events that makes a slice good; all of them
// may be asked for.
func (in inputs) sliceTarget() (slo.Objective, error) {
	r, err := in.ratio("slice_target", 1)
	if err == nil && r.Num > r.Den {
		err = fmt.Errorf("slice_target: %s is more than 1", r)
	}
	return slo.Objective(r), err
}

// bad is the number of bad events out of total, from whichever two are given.
func (in inputs) bad() (bad, total int64, err error) {
	switch {
	case in.has("error_ratio"):
		r, err := in.ratio("error_ratio", 1)
		return r.Num, r.Den, err
	case in.has("availability_percent"):
		r, err := in.ratio("availability_percent", 100)
		return r.Den - r.Num, r.Den, err
	case in.has("bad") && in.has("good"):
		if bad, err = in.count("bad"); err != nil {
			return 0, 0, err
		}
		good, err := in.count("good")
		return bad, good + bad, err
	}
	if total, err = in.count("total"); err != nil {
		return 0, 0, err
	}
	if in.has("bad") {
		bad, err = in.count("bad")
		return bad, total, err
	}
	good, err := in.count("good")
	return total - good, total, err
}
