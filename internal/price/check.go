package price

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spanledger/spanledger/internal/money"
)

// maxThreshold bounds context thresholds, in tokens.
const maxThreshold = 1_000_000_000_000

// check refuses what no cost can be computed from.
func (r Rates) check() error {
	var errs []error
	for _, p := range r {
		switch {
		case p.Item >= NumItems:
			errs = append(errs, fmt.Errorf("item %d does not exist", p.Item))
		case !p.Rate.IsSet() || p.Rate.Femto < 0:
			errs = append(errs, fmt.Errorf("%v has the rate %d/%d, which is no price", p.Item, p.Rate.Femto, p.Rate.Per))
		case p.Above < 0:
			errs = append(errs, fmt.Errorf("%v has the negative threshold %d", p.Item, p.Above))
		case p.Above > maxThreshold:
			errs = append(errs, fmt.Errorf("%v has the threshold %d, more than %d", p.Item, p.Above, int64(maxThreshold)))
		}
	}
	return errors.Join(errs...)
}

func checkFactor(f money.Factor) error {
	if f != (money.Factor{}) && (f.Den <= 0 || f.Num < 0) {
		return fmt.Errorf("%d/%d is no factor", f.Num, f.Den)
	}
	return nil
}

// currency returns the ISO 4217 code, USD for none.
func currency(code string) (string, error) {
	if code == "" {
		return "USD", nil
	}
	if len(code) != 3 || slices.ContainsFunc([]byte(code), func(c byte) bool { return c < 'A' || c > 'Z' }) {
		return "", fmt.Errorf("%q is no currency code (ISO 4217, upper case)", code)
	}
	return code, nil
}

// check refuses a row that could not be priced by; every fault is named.
func (r *Row) check() error {
	var errs []error
	if r.ID == "" {
		errs = append(errs, errors.New("the row has no id"))
	}
	_, err := currency(r.Currency)
	errs = append(errs, err)
	for i := range r.Entries {
		_, err := r.Entries[i].When.compile()
		errs = append(errs, err, r.Entries[i].Rates.check())
	}
	errs = append(errs, checkExtras(r.Variants, r.Uplifts))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%q: %w", r.ID, err)
	}
	return nil
}

func checkExtras(variants []Variant, uplifts []Uplift) error {
	var errs []error
	for i := range variants {
		_, err := variants[i].When.compile()
		errs = append(errs, err, variants[i].Rates.check(), checkFactor(variants[i].Factor))
	}
	if len(uplifts) > maxUplifts {
		errs = append(errs, fmt.Errorf("%d uplifts are more than %d", len(uplifts), maxUplifts))
	}
	for i := range uplifts {
		_, err := uplifts[i].When.compile()
		errs = append(errs, err, checkFactor(uplifts[i].Factor))
	}
	return errors.Join(errs...)
}
