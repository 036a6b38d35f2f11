package slo

import "math/big"

// quotient returns (a*b)/(c*d) as the nearest double. It is monotone in each
// argument, which chained float operations are not; counts are non-negative
// and c*d must not be 0.
func quotient(a, b, c, d int64) float64 {
	if fitsExactly(a, b) && fitsExactly(c, d) {
		return float64(a*b) / float64(c*d) // one division of exact integers
	}
	return nearest(product(a, b), product(c, d))
}

// shortfall returns 1 - (a*b)/(c*d) as the nearest double.
func shortfall(a, b, c, d int64) float64 {
	if fitsExactly(a, b) && fitsExactly(c, d) {
		return float64(c*d-a*b) / float64(c*d)
	}
	den := product(c, d)
	return nearest(new(big.Int).Sub(den, product(a, b)), den)
}

// fitsExactly reports whether a*b is an integer that a double holds.
func fitsExactly(a, b int64) bool {
	const exact = 1 << 53
	return a >= 0 && b >= 0 && (b == 0 || a <= exact/b)
}

func product(factors ...int64) *big.Int {
	p := big.NewInt(1)
	for _, f := range factors {
		p.Mul(p, big.NewInt(f))
	}
	return p
}

func nearest(num, den *big.Int) float64 {
	f, _ := new(big.Rat).SetFrac(num, den).Float64()
	return f
}
