package confvalue

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

// Money is an exact decimal in a config, kept as it was written. YAML hands
// plain numbers over as doubles, so a number that a double may have changed
// has to be quoted. Empty is unset.
type Money string

// UnmarshalScalar reads a number or a quoted decimal of at most twelve places.
func (m *Money) UnmarshalScalar(v confmap.ScalarValue) error {
	text, err := DecimalText(v.GetRaw())
	if err != nil {
		return err
	}
	if _, err := Money(text).Exact(); err != nil {
		return err
	}
	*m = Money(text)
	return nil
}

// MarshalScalar prints what was written.
func (m Money) MarshalScalar(v confmap.ScalarValue) error { return v.Marshal(string(m)) }

// Exact is the amount; unset is nothing.
func (m Money) Exact() (money.Amount, error) {
	if m == "" {
		return money.Amount{}, nil
	}
	return money.Parse(string(m))
}

// Literal is a number or a text as it was written; what it means depends on a
// key beside it.
type Literal string

// UnmarshalScalar reads a number or a text.
func (l *Literal) UnmarshalScalar(v confmap.ScalarValue) error {
	text, err := DecimalText(v.GetRaw())
	*l = Literal(text)
	return err
}

// MarshalScalar prints what was written.
func (l Literal) MarshalScalar(v confmap.ScalarValue) error { return v.Marshal(string(l)) }

// Ratio is a plain decimal, or a percentage, kept as it was written so that no
// digit is lost: "0.999", "99.9%", "14.4". Empty is unset.
type Ratio string

// UnmarshalScalar reads a number, a quoted decimal or a percentage; whether it
// makes sense is for Validate to say.
func (r *Ratio) UnmarshalScalar(v confmap.ScalarValue) error {
	text, err := DecimalText(v.GetRaw())
	if err != nil {
		return err
	}
	if _, err := Ratio(strings.TrimPrefix(text, "-")).Exact(); err != nil {
		return err
	}
	*r = Ratio(text)
	return nil
}

// MarshalScalar prints what was written.
func (r Ratio) MarshalScalar(v confmap.ScalarValue) error { return v.Marshal(string(r)) }

// Exact is the ratio as a fraction; unset stays unset.
func (r Ratio) Exact() (slo.Ratio, error) {
	if r == "" {
		return slo.Ratio{}, nil
	}
	return slo.ParseRatio(string(r))
}

// Duration is a length of time that also knows days and weeks: 90s, 1h30m,
// 30d, 4w. A day is 24 hours.
type Duration time.Duration

// UnmarshalScalar reads a duration; a number without a unit is refused.
func (d *Duration) UnmarshalScalar(v confmap.ScalarValue) error {
	switch raw := v.GetRaw().(type) {
	case string:
		parsed, err := slo.ParseSpan(strings.TrimSpace(raw))
		if err != nil {
			return err
		}
		*d = Duration(parsed)
		return nil
	case time.Duration:
		*d = Duration(raw)
		return nil
	case int:
		if raw == 0 {
			*d = 0
			return nil
		}
	}
	return fmt.Errorf("%v is not a duration with a unit, such as 90s, 8h or 30d", v.GetRaw())
}

// MarshalScalar prints the duration in Go's form.
func (d Duration) MarshalScalar(v confmap.ScalarValue) error { return v.Marshal(d.String()) }

func (d Duration) String() string { return time.Duration(d).String() }
