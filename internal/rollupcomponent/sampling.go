package rollupcomponent

import (
	"fmt"

	"go.opentelemetry.io/collector/confmap"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/slo"
)

// Sampling says what was done to spans before they came here: none,
// tracestate (weights by its th value), or the fixed share that was kept.
type Sampling string

// The samplings that are no share. Empty is none.
const (
	SamplingNone       Sampling = "none"
	SamplingTracestate Sampling = "tracestate"
)

// UnmarshalScalar reads none, tracestate or a ratio above 0 and at most 1.
func (s *Sampling) UnmarshalScalar(v confmap.ScalarValue) error {
	text, err := confvalue.DecimalText(v.GetRaw())
	if err != nil {
		return err
	}
	*s = Sampling(text)
	_, err = s.kept()
	return err
}

// MarshalScalar prints what was written.
func (s Sampling) MarshalScalar(v confmap.ScalarValue) error { return v.Marshal(string(s)) }

// declared reports whether spans were sampled at all.
func (s Sampling) declared() bool { return s != "" && s != SamplingNone }

// kept is the share of spans that is kept where that is fixed, else 1.
func (s Sampling) kept() (float64, error) {
	if !s.declared() || s == SamplingTracestate {
		return 1, nil
	}
	r, err := slo.ParseRatio(string(s))
	if err != nil || r.Num <= 0 || r.Num > r.Den {
		return 1, fmt.Errorf("%q: write none, tracestate, or the share of spans that is kept, above 0 and at most 1", string(s))
	}
	return r.Float64(), nil
}
