// Package confvalue reads the scalars of a config that YAML would damage or
// does not know: exact decimals, amounts and ratios, dates that arrive as
// times, and durations of days.
package confvalue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// Decimal is a number kept as it was written, so that no digit is lost. Empty
// is unset.
type Decimal string

// UnmarshalScalar reads a number or a quoted decimal; whether the decimal
// makes sense is for Validate to say.
func (d *Decimal) UnmarshalScalar(v confmap.ScalarValue) error {
	text, err := DecimalText(v.GetRaw())
	*d = Decimal(text)
	return err
}

// MarshalScalar prints what was written.
func (d Decimal) MarshalScalar(v confmap.ScalarValue) error { return v.Marshal(string(d)) }

// DecimalText gives the decimal that was written. A double with more than 15
// digits may not be what was written any more and is refused.
func DecimalText(raw any) (string, error) {
	switch n := raw.(type) {
	case string:
		return strings.TrimSpace(n), nil
	case int:
		return strconv.Itoa(n), nil
	case int64:
		return strconv.FormatInt(n, 10), nil
	case uint64:
		return strconv.FormatUint(n, 10), nil
	case float64:
		text := strconv.FormatFloat(n, 'f', -1, 64)
		if digits := strings.Trim(strings.Replace(strings.TrimPrefix(text, "-"), ".", "", 1), "0"); len(digits) > 15 {
			return "", fmt.Errorf("%s has more digits than YAML keeps: quote it", text)
		}
		return text, nil
	}
	return "", fmt.Errorf("%v is not a number", raw)
}

// Date is a day or an instant: 2026-10-01 is midnight UTC of that day, RFC
// 3339 is the instant. The zero Date is unset.
type Date struct{ t time.Time }

// Time is the instant; the zero time where the date is unset.
func (d Date) Time() time.Time { return d.t }

// UnmarshalScalar reads a date, quoted or not.
func (d *Date) UnmarshalScalar(v confmap.ScalarValue) error {
	switch raw := v.GetRaw().(type) {
	case time.Time:
		d.t = raw.UTC()
		return nil
	case string:
		if raw == "" { // an unset date, as it is printed
			d.t = time.Time{}
			return nil
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(layout, strings.TrimSpace(raw)); err == nil {
				d.t = t.UTC()
				return nil
			}
		}
	}
	return fmt.Errorf("%v is not a date such as 2026-10-01 or 2026-10-01T12:00:00Z", v.GetRaw())
}

// MarshalScalar prints the date in RFC 3339.
func (d Date) MarshalScalar(v confmap.ScalarValue) error {
	if d.t.IsZero() {
		return v.Marshal("")
	}
	return v.Marshal(d.t.Format(time.RFC3339))
}
