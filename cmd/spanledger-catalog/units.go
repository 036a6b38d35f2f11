package main

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// pricesOf writes a price list in the units of our format, exactly.
func pricesOf(rates price.Rates) (out yamlPrices, err error) {
	above := map[int64]map[string]string{}
	for _, p := range sorted(rates) {
		name, per := p.Item.String(), int64(1)
		if media, ok := strings.CutSuffix(name, "_ms"); ok {
			name, per = media+"_seconds", 1000
		}
		if p.Item.IsTokens() {
			per = 1_000_000
		}
		text, err := rateOf(p.Rate, per)
		if err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		switch {
		case !p.Item.IsTokens():
			if p.Above > 0 {
				return out, fmt.Errorf("%s has a price by context", name)
			}
			put(&out.Singles, name, text)
		case p.Above == 0:
			put(&out.Tokens, name, text)
		default:
			tier := above[p.Above]
			if tier == nil {
				tier = map[string]string{"above": strconv.FormatInt(p.Above, 10)}
				above[p.Above] = tier
				out.Tiers = append(out.Tiers, tier)
			}
			tier[name] = text
		}
	}
	return out, nil
}

func put(m *map[string]string, k, v string) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[k] = v
}

// rateOf is the price of per things as a decimal that reads back the same.
func rateOf(r money.Rate, per int64) (string, error) {
	v := new(big.Rat).Mul(big.NewRat(r.Femto, r.Per), big.NewRat(per, 1))
	if !v.IsInt() {
		return "", errors.New("has no exact price in the unit of our format")
	}
	v.Mul(v, big.NewRat(1, 1_000_000_000_000_000))
	n, _ := v.FloatPrec()
	return v.FloatString(n), nil
}

func factorOf(f money.Factor) string {
	if f == (money.Factor{}) {
		return ""
	}
	v := big.NewRat(f.Num, f.Den)
	n, _ := v.FloatPrec() // factors are read from decimals
	return v.FloatString(n)
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// instant is a date, or a time where the day does not begin with it.
func instant(t time.Time) string {
	if t.IsZero() || t.Equal(t.Truncate(24*time.Hour)) {
		return date(t)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func daysOf(w price.Weekdays) (out []string) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if w != 0 && w.Has(d) {
			out = append(out, strings.ToLower(d.String()[:3]))
		}
	}
	return out
}

func clockOf(sec int) string { return fmt.Sprintf("%02d:%02d", sec/3600, sec/60%60) }
