package money

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func amounts() *rapid.Generator[Amount] {
	return rapid.Custom(func(t *rapid.T) Amount {
		return FromWords(rapid.Int64Range(-1<<61, 1<<61).Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
	})
}

// bigCost is n*femto*num/(per*den*1000) by big integers alone.
func bigCost(n int64, r Rate, f Factor) *big.Int {
	f = f.norm()
	num := new(big.Int).Mul(big.NewInt(n), big.NewInt(r.Femto))
	num.Mul(num, big.NewInt(f.Num))
	den := new(big.Int).Mul(big.NewInt(r.Per), big.NewInt(f.Den))
	den.Mul(den, big.NewInt(1000))
	return roundHalfEven(num, den)
}

func rates() *rapid.Generator[Rate] {
	return rapid.Custom(func(t *rapid.T) Rate {
		femto := rapid.OneOf(rapid.Int64Range(0, 1e6), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "femto")
		per := rapid.OneOf(rapid.SampledFrom([]int64{1, 7, 1000, 3_600_000, 1_000_000, 1_000_000_000}), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "per")
		return Rate{femto, per}
	})
}

func factors() *rapid.Generator[Factor] {
	return rapid.Custom(func(t *rapid.T) Factor {
		if rapid.Bool().Draw(t, "plain") {
			return rapid.SampledFrom([]Factor{{}, {1, 1}, {11, 10}, {1, 2}, {0, 1}, {88, 100}, {1, 3}}).Draw(t, "f")
		}
		return Factor{rapid.Int64Range(0, math.MaxInt64).Draw(t, "num"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")}
	})
}

func TestCostAgreesWithBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(0, 1e7), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "n")
		r, f := rates().Draw(t, "rate"), factors().Draw(t, "factor")
		want, fits := fromBig(bigCost(n, r, f))
		got, ok := r.Cost(n, f)
		if ok != fits || (ok && got != want) {
			t.Fatalf("%d at %v times %v = %v %v, want %v %v", n, r, f, got, ok, want, fits)
		}
	})
}

func TestAccIsTheFastFormOfSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Term {
			return Term{
				rapid.Int64Range(0, 1e9).Draw(t, "n"),
				Rate{rapid.Int64Range(0, 1e15).Draw(t, "femto"), rapid.SampledFrom([]int64{1, 1000, 1_000_000, 3_600_000}).Draw(t, "per")},
				rapid.SampledFrom([]Factor{{}, {11, 10}, {1, 2}, {88, 100}, {1, 3}}).Draw(t, "factor"),
			}
		}), 1, 6).Draw(t, "terms")
		scaled := make([]*Scaled, len(terms))
		for i, term := range terms {
			s, ok := term.Rate.Scale(term.Factor)
			if !ok {
				t.Skip("does not fit")
			}
			scaled[i] = &s
		}
		div, ok := Common(scaled)
		if !ok {
			t.Skip("no common divisor")
		}
		var acc Acc
		for i, term := range terms {
			acc.Add(term.N, scaled[i].Mul)
		}
		got, ok1 := acc.Round(div)
		want, ok2 := Sum(terms)
		if ok1 != ok2 || got != want {
			t.Fatalf("Acc %v %v, Sum %v %v", got, ok1, want, ok2)
		}
	})
}

func TestMulAgreesWithBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, f := amounts().Draw(t, "a"), factors().Draw(t, "factor")
		n := f.norm()
		want, fits := fromBig(roundHalfEven(new(big.Int).Mul(a.big(), big.NewInt(n.Num)), big.NewInt(n.Den)))
		got, ok := a.Mul(f)
		if ok != fits || (ok && got != want) {
			t.Fatalf("%v times %v = %v %v, want %v %v", a, f, got, ok, want, fits)
		}
	})
}

func TestRoundingIsHalfEven(t *testing.T) {
	for _, c := range []struct {
		n, femto int64
		pico     int64
	}{{1, 499, 0}, {1, 500, 0}, {1, 501, 1}, {3, 500, 2}, {5, 500, 2}, {7, 500, 4}, {1, 1500, 2}, {1, 2500, 2}} {
		got, ok := Rate{c.femto, 1}.Cost(c.n, One)
		if !ok || got != FromPico(c.pico) {
			t.Errorf("%d things at %d femto-units = %v, want %d pico-units", c.n, c.femto, got, c.pico)
		}
	}
}

func TestUpliftOfATenthIsExact(t *testing.T) {
	r, err := NewRate("3.3", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := NewRate("3", 1_000_000)
	uplift, _ := NewFactor("1.1")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1e12).Draw(t, "n")
		a, _ := r.Cost(n, One)
		b, _ := base.Cost(n, uplift)
		if a != b {
			t.Fatalf("%d tokens: %v at 3.3, %v at 3 times 1.1", n, a, b)
		}
	})
}

func TestAmountsAreAGroup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := amounts().Draw(t, "a"), amounts().Draw(t, "b"), amounts().Draw(t, "c")
		if a.Add(b) != b.Add(a) || a.Add(b).Add(c) != a.Add(b.Add(c)) || a.Add(b).Sub(b) != a || !a.Add(a.Neg()).IsZero() {
			t.Fatalf("a=%v b=%v c=%v", a, b, c)
		}
		if got := a.Cmp(b); got != a.big().Cmp(b.big()) || got != -b.Cmp(a) {
			t.Fatalf("Cmp(%v, %v) = %d", a, b, got)
		}
		if a.Sign() != a.big().Sign() {
			t.Fatalf("Sign(%v) = %d", a, a.Sign())
		}
	})
}

func TestDecimalsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts().Draw(t, "a")
		if rapid.Bool().Draw(t, "small") {
			a = FromPico(rapid.Int64().Draw(t, "pico"))
		}
		back, err := Parse(a.String())
		if err != nil || back != a {
			t.Fatalf("%v -> %q -> %v, %v", a, a.String(), back, err)
		}
	})
}

// TestDoublesAreExactTo8192 pins the limit of the stamp's double: below 8,192
// units neighbouring doubles are closer together than a pico-unit, above it
// they are not.
func TestDoublesAreExactTo8192(t *testing.T) {
	const limit = 8192 * Scale
	rapid.Check(t, func(t *rapid.T) {
		a := FromPico(rapid.Int64Range(-limit, limit).Draw(t, "pico"))
		if back, ok := FromFloat64(a.Float64()); !ok || back != a {
			t.Fatalf("%v -> %v -> %v", a, a.Float64(), back)
		}
	})
	if gap := math.Nextafter(8192, 0); (8192-gap)*Scale > 1 {
		t.Errorf("doubles below 8192 are %g pico-units apart", (8192-gap)*Scale)
	}
	lost := 0
	for i := int64(1); i <= 100; i++ {
		a := FromPico(limit + i)
		if back, _ := FromFloat64(a.Float64()); back != a {
			lost++
		}
	}
	if lost == 0 {
		t.Error("every amount just above 8192 survived a double: the limit is not where the documentation says")
	}
}

func TestFromFloat64IsTheNearestAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64Range(-1e25, 1e25).Draw(t, "f")
		got, ok := FromFloat64(f)
		r := new(big.Rat).SetFloat64(f)
		r.Mul(r, new(big.Rat).SetInt64(Scale))
		want, fits := fromBig(roundHalfEven(r.Num(), r.Denom()))
		if ok != fits || got != want {
			t.Fatalf("FromFloat64(%g) = %v %v, want %v %v", f, got, ok, want, fits)
		}
	})
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e26, -1e300} {
		if a, ok := FromFloat64(f); ok {
			t.Errorf("FromFloat64(%g) = %v", f, a)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "-", ".", "1.2.3", "1_000", "0x10", "1/3", "NaN", "Inf", "1e", "1e+", "1e1000", " 1", "1 ", "1,5", "1e-13", "0.0000000000001", "1e30"} {
		if a, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v", s, a)
		}
	}
	for s, want := range map[string]string{"12": "12", "-0.5": "-0.5", "3e-7": "0.0000003", "+1E2": "100", ".5": "0.5", "5.": "5", "0.000000000001": "0.000000000001"} {
		if a, err := Parse(s); err != nil || a.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", s, a, err, want)
		}
	}
}

func TestParseRoundedIsHalfEven(t *testing.T) {
	for s, want := range map[string]int64{"0.0000000000005": 0, "0.0000000000015": 2, "-0.0000000000015": -2, "0.00000000000051": 1} {
		if a, err := ParseRounded(s); err != nil || a != FromPico(want) {
			t.Errorf("ParseRounded(%q) = %v, %v; want %d pico-units", s, a, err, want)
		}
	}
}

func TestRatesFromDecimals(t *testing.T) {
	for _, c := range []struct {
		decimal string
		per     int64
		want    string
	}{
		{"3", 1_000_000, "0.000003"},
		{"2.8e-9", 1, "0.0000000028"},
		{"0.39999999999999997", 1_000_000, "0.0000004"}, // a float's noise
		{"0", 1, "0"},
	} {
		r, err := NewRate(c.decimal, c.per)
		if err != nil || r.String() != c.want || !r.IsSet() {
			t.Errorf("NewRate(%q, %d) = %v, %v; want %s", c.decimal, c.per, r, err, c.want)
		}
	}
	for _, bad := range []string{"-1", "1e6", "", "free"} {
		if r, err := NewRate(bad, 1); err == nil {
			t.Errorf("NewRate(%q) = %v", bad, r)
		}
	}
	if _, err := NewRate("1", 0); err == nil {
		t.Error("a rate for zero things was accepted")
	}
	if (Rate{}).IsSet() || (Rate{}).String() != "none" {
		t.Error("the zero rate is a price")
	}
}

func TestFactors(t *testing.T) {
	half, _ := NewFactor("0.5")
	tenth, _ := NewFactor("1.1")
	p, ok := half.Times(tenth)
	if !ok || p != (Factor{11, 20}) {
		t.Errorf("0.5 * 1.1 = %v %v", p, ok)
	}
	if !(Factor{}).IsOne() || !(Factor{3, 3}).IsOne() || half.IsOne() {
		t.Error("IsOne")
	}
	if _, ok := (Factor{math.MaxInt64, 1}).Times(Factor{3, 1}); ok {
		t.Error("a product that does not fit was returned")
	}
	for _, bad := range []string{"-1", "x", "1e-30"} {
		if f, err := NewFactor(bad); err == nil {
			t.Errorf("NewFactor(%q) = %v", bad, f)
		}
	}
}

func TestCostRefusesWhatIsNoCount(t *testing.T) {
	if _, ok := (Rate{1, 1}).Cost(-1, One); ok {
		t.Error("negative count")
	}
	if _, ok := (Rate{}).Cost(1, One); ok {
		t.Error("no rate")
	}
	if _, ok := (Rate{1, 1}).Cost(1, Factor{1, -1}); ok {
		t.Error("negative factor")
	}
	if a, ok := (Rate{0, 1}).Cost(5, One); !ok || !a.IsZero() {
		t.Error("free is a price")
	}
}

func TestCostAllocatesNothing(t *testing.T) {
	r, f := Rate{3_000_000_000_000_000, 1_000_000}, Factor{11, 10}
	if n := testing.AllocsPerRun(100, func() { sinkAmount, _ = r.Cost(123_456, f) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

var sinkAmount Amount

func BenchmarkCost(b *testing.B) {
	r, f := Rate{3_000_000_000_000_000, 1_000_000}, Factor{11, 10}
	for b.Loop() {
		sinkAmount, _ = r.Cost(123_456, f)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"12", "-0.5", "3e-7", "1e999", "0.0000000000005", "..", "+", "1e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err == nil {
			if back, err := Parse(a.String()); err != nil || back != a {
				t.Fatalf("%q -> %v -> %v, %v", s, a, back, err)
			}
			if rounded, err := ParseRounded(s); err != nil || rounded != a {
				t.Fatalf("%q: Parse %v, ParseRounded %v, %v", s, a, rounded, err)
			}
		}
		if r, err := NewRate(s, 7); err == nil && (!r.IsSet() || r.Femto < 0) {
			t.Fatalf("NewRate(%q) = %v", s, r)
		}
	})
}
