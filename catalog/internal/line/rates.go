package line

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// mtok is what the price of a token is quoted for where nothing is said.
const mtok = 1_000_000

// rates prints a price list: "input 2.5, cache_read 1.25, output 10, input>272000 5,
// web_searches 10/1000". Tokens are per million, everything else says per what.
func formatRates(rates price.Rates) string {
	var b strings.Builder
	for i, p := range rates {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Item.String())
		if p.Above > 0 {
			b.WriteByte('>')
			b.WriteString(strconv.FormatInt(p.Above, 10))
		}
		b.WriteByte(' ')
		b.WriteString(decimal(p.Rate.Femto))
		if !p.Item.IsTokens() || p.Rate.Per != mtok {
			b.WriteByte('/')
			b.WriteString(strconv.FormatInt(p.Rate.Per, 10))
		}
	}
	return b.String()
}

const femtoDigits = 15

// decimal prints femto-units as a plain decimal without trailing zeros.
func decimal(femto int64) string {
	s := strconv.FormatInt(femto, 10)
	if len(s) <= femtoDigits {
		s = strings.Repeat("0", femtoDigits+1-len(s)) + s
	}
	whole, frac := s[:len(s)-femtoDigits], strings.TrimRight(s[len(s)-femtoDigits:], "0")
	if frac == "" {
		return whole
	}
	return whole + "." + frac
}

// parseRates is the inverse of formatRates.
func parseRates(s string) (price.Rates, error) {
	if s == "" {
		return nil, nil
	}
	rates := make(price.Rates, 0, 1+strings.Count(s, ","))
	for more := true; more; {
		var one string
		one, s, more = strings.Cut(s, ", ")
		p, err := parsePrice(one)
		if err != nil {
			return nil, fmt.Errorf("price %q: %w", one, err)
		}
		rates = append(rates, p)
	}
	return rates, nil
}

func parsePrice(s string) (p price.Price, err error) {
	name, amount, ok := strings.Cut(s, " ")
	if !ok {
		return p, errors.New("want an item and an amount")
	}
	name, above, tiered := strings.Cut(name, ">")
	if p.Item, ok = items[name]; !ok {
		return p, fmt.Errorf("no item %q", name)
	}
	if tiered {
		if p.Above, err = strconv.ParseInt(above, 10, 64); err != nil {
			return p, err
		}
	}
	amount, per, ok := strings.Cut(amount, "/")
	p.Rate.Per = mtok
	switch {
	case ok:
		if p.Rate.Per, err = strconv.ParseInt(per, 10, 64); err != nil {
			return p, err
		}
	case !p.Item.IsTokens():
		return p, errors.New("want an amount and per what")
	}
	p.Rate, err = rate(amount, p.Rate.Per)
	return p, err
}

// rate is money.NewRate, quick for the short decimals that prices are.
func rate(s string, per int64) (money.Rate, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) > 3 || len(frac) > femtoDigits || per <= 0 {
		return money.NewRate(s, per)
	}
	var n int64
	for _, part := range [2]string{whole, frac} {
		for i := 0; i < len(part); i++ {
			if part[i] < '0' || part[i] > '9' {
				return money.NewRate(s, per)
			}
			n = n*10 + int64(part[i]-'0')
		}
	}
	if whole == "" {
		return money.NewRate(s, per)
	}
	for range femtoDigits - len(frac) {
		n *= 10
	}
	return money.Rate{Femto: n, Per: per}, nil
}

var items = func() map[string]price.Item {
	out := make(map[string]price.Item, price.NumItems)
	for i := price.Item(0); i < price.NumItems; i++ {
		out[i.String()] = i
	}
	return out
}()
