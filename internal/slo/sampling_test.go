package slo_test

import (
	"math"
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/slo"
)

func TestAdjustedCount(t *testing.T) {
	for _, c := range []struct {
		state  string
		weight float64
		want   slo.Sampling
	}{
		{"", 1, slo.Unsampled},
		{"acme=th:c,beta=1", 1, slo.Unsampled},
		{"ot=rv:0123456789abcd", 1, slo.Unsampled},
		{"ot=th:0", 1, slo.Thresholded},
		{"ot=th:8", 2, slo.Thresholded},
		{"ot=th:c", 4, slo.Thresholded},
		{"ot=th:fd70a", 1048576. / 10486, slo.Thresholded},
		{"a=b, ot=rv:0123456789abcd;th:c ,c=d", 4, slo.Thresholded},
		{"ot=th:ffffffffffffff", 1 << 56, slo.Thresholded},
		{"ot=th:fffffffffffffff", 1, slo.MalformedState},
		{"ot=th:", 1, slo.MalformedState},
		{"ot=th:C", 1, slo.MalformedState},
		{"ot=th:g", 1, slo.MalformedState},
		{"ot=th:8;th:c", 1, slo.MalformedState},
		{"ot=rv:12;th:8", 1, slo.MalformedState},
		{"ot=404:0", 1, slo.MalformedState},
		{"ot=th:8;", 1, slo.MalformedState},
		{"ot=th:8;x:!", 1, slo.MalformedState},
		{"ot=", 1, slo.MalformedState},
		{"ot=x:" + strings.Repeat("a", 300), 1, slo.MalformedState},
	} {
		weight, got := slo.AdjustedCount(c.state)
		if math.Abs(weight-c.weight) > 1e-9*c.weight || got != c.want {
			t.Errorf("%q: %v (%d), want %v (%d)", c.state, weight, got, c.weight, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { slo.AdjustedCount("a=b,ot=rv:0123456789abcd;th:c") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzAdjustedCount: whatever a tracestate holds, the weight is a number from 1
// to 2^56, and it is 1 unless a threshold was read.
func FuzzAdjustedCount(f *testing.F) {
	for _, s := range []string{"", "ot=th:c", "ot=404:0", "a=b,ot=rv:0123456789abcd;th:fd70a", "ot=th:8;;", ",,=,ot=:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, state string) {
		weight, s := slo.AdjustedCount(state)
		if !(weight >= 1 && weight <= 1<<56) || (s != slo.Thresholded && weight != 1) {
			t.Errorf("weight %v (%d)", weight, s)
		}
	})
}

// FuzzParseRatio: what is read prints as what reads alike, and objectives stay
// strictly between 0 and 1.
func FuzzParseRatio(f *testing.F) {
	for _, s := range []string{"0.999", "99.9%", "14.4", ".5", "1.", "0", "%", "1e9", "0.1234567890123456789"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := slo.ParseRatio(s)
		if err != nil {
			return
		}
		if r.Den <= 0 || r.Num < 0 {
			t.Fatalf("%q is %d/%d", s, r.Num, r.Den)
		}
		if again, err := slo.ParseRatio(r.String()); len(r.String()) <= 32 && (err != nil || again != r) {
			t.Errorf("%q prints as %q, which reads as %v, %v", s, r, again, err)
		}
		if o, err := slo.ParseObjective(s); err == nil && (o.Num <= 0 || o.Num >= o.Den) {
			t.Errorf("%q is the objective %v", s, o)
		}
	})
}
