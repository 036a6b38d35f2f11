package slo

import (
	"math/big"
	"time"

	"github.com/spanledger/spanledger/internal/money"
)

// MinForecastElapsed is the share of a period that must have passed before
// Forecast says anything: a twentieth, one and a half days of a month.
var MinForecastElapsed = Ratio{1, 20}

// Forecast is the money that a period will have cost at its average pace so
// far: spent * period / elapsed, rounded once, half-even, to a pico-unit. It
// counts elapsed time, the running day included. Not ok before minimum (a share
// of the period; unset is MinForecastElapsed) has passed, after the period, or
// where the result does not fit an amount.
func Forecast(spent money.Amount, elapsed, period time.Duration, minimum Ratio) (money.Amount, bool) {
	if !minimum.IsSet() {
		minimum = MinForecastElapsed
	}
	if elapsed <= 0 || elapsed > period || minimum.rat().Cmp(big.NewRat(int64(elapsed), int64(period))) > 0 {
		return money.Amount{}, false
	}
	return Project(spent, elapsed, period-elapsed)
}

// Project carries a spend on: spent + spent/processed*remaining, rounded once,
// half-even. processed is the time that spent stands for. With the running day
// left out of processed and remaining it is LiteLLM's projection, with it in
// processed Oracle's. Not ok where processed is not positive, remaining is
// negative or the result does not fit.
func Project(spent money.Amount, processed, remaining time.Duration) (money.Amount, bool) {
	if processed <= 0 || remaining < 0 {
		return money.Amount{}, false
	}
	n := amountToBig(spent)
	n.Mul(n, product(1).Add(big.NewInt(int64(processed)), big.NewInt(int64(remaining))))
	return bigToAmount(roundHalfEven(n, big.NewInt(int64(processed))))
}

// TimeToLimit is the time until spent reaches limit at its average pace over
// processed; 0 where it has. Not ok where it never does: nothing was spent.
// The longest time is 100 years.
func TimeToLimit(spent, limit money.Amount, processed time.Duration) (time.Duration, bool) {
	switch {
	case spent.Cmp(limit) >= 0:
		return 0, true
	case spent.Sign() <= 0 || processed <= 0:
		return 0, false
	}
	n := amountToBig(limit.Sub(spent))
	n.Mul(n, big.NewInt(int64(processed)))
	n.Quo(n, amountToBig(spent))
	if n.Cmp(big.NewInt(int64(maxSpan))) > 0 {
		return maxSpan, true
	}
	return time.Duration(n.Int64()), true
}

func amountToBig(a money.Amount) *big.Int {
	hi, lo := a.Words()
	n := big.NewInt(hi)
	n.Lsh(n, 64)
	return n.Add(n, new(big.Int).SetUint64(lo))
}

func bigToAmount(n *big.Int) (money.Amount, bool) {
	if n.BitLen() > 126 {
		return money.Amount{}, false
	}
	lo := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0)))
	hi := new(big.Int).Rsh(n, 64)
	return money.FromWords(hi.Int64(), lo.Uint64()), true
}

// roundHalfEven is num/den as an integer, ties to even; den > 0.
func roundHalfEven(num, den *big.Int) *big.Int {
	q, m := new(big.Int).DivMod(num, den, new(big.Int))
	if c := m.Lsh(m, 1).Cmp(den); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q
}
