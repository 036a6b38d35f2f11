package confvalue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// Every scalar is read as a collector reads it, from YAML, and written back as
// it was.
func TestScalars(t *testing.T) {
	type all struct {
		Decimal  Decimal  `mapstructure:"decimal"`
		Money    Money    `mapstructure:"money"`
		Literal  Literal  `mapstructure:"literal"`
		Ratio    Ratio    `mapstructure:"ratio"`
		Duration Duration `mapstructure:"duration"`
		Date     Date     `mapstructure:"date"`
	}
	for _, c := range []struct{ yaml, want, fault string }{
		{yaml: "money: 5000", want: "5000"},
		{yaml: `money: "4000.000000000001"`, want: "4000.000000000001"},
		{yaml: "money: 4000.000000000001", fault: "quote it"},
		{yaml: "money: 1e-13", fault: "money"},
		{yaml: "money: many", fault: "money"},
		{yaml: "ratio: 0.999", want: "0.999"},
		{yaml: "ratio: 99.9%", want: "99.9%"},
		{yaml: "ratio: half", fault: "plain decimal"},
		{yaml: "literal: 8s", want: "8s"},
		{yaml: "literal: 0.05", want: "0.05"},
		{yaml: "decimal: 12", want: "12"},
		{yaml: "decimal: [1]", fault: "decimal"},
		{yaml: "duration: 30d", want: "720h0m0s"},
		{yaml: "duration: 1h30m", want: "1h30m0s"},
		{yaml: "duration: 0", want: "0s"},
		{yaml: "duration: 90", fault: "with a unit"},
		{yaml: "duration: soon", fault: "duration"},
		{yaml: "date: 2026-10-01", want: "2026-10-01 00:00:00 +0000 UTC"},
		{yaml: `date: "2026-10-01T12:00:00+02:00"`, want: "2026-10-01 10:00:00 +0000 UTC"},
		{yaml: "date: yesterday", fault: "is not a date"},
	} {
		t.Run(c.yaml, func(t *testing.T) {
			retrieved, err := confmap.NewRetrievedFromYAML([]byte(c.yaml))
			require.NoError(t, err)
			conf, err := retrieved.AsConf()
			require.NoError(t, err)
			var got all
			err = conf.Unmarshal(&got)
			if c.fault != "" {
				require.ErrorContains(t, err, c.fault)
				return
			}
			require.NoError(t, err)
			said := strings.Join([]string{string(got.Decimal), string(got.Money), string(got.Literal), string(got.Ratio)}, "")
			if got.Duration != 0 || c.want == "0s" {
				said += got.Duration.String()
			}
			if !got.Date.Time().IsZero() {
				said += fmt.Sprint(got.Date.Time())
			}
			require.Equal(t, c.want, said)

			back := confmap.New()
			require.NoError(t, back.Marshal(got))
			var again all
			require.NoError(t, back.Unmarshal(&again), "%v", back.ToStringMap())
			require.Equal(t, got.Duration, again.Duration)
			require.Equal(t, got.Money, again.Money)
		})
	}
	_, err := Money("").Exact()
	require.NoError(t, err)
	r, err := Ratio("99.9%").Exact()
	require.NoError(t, err)
	require.InDelta(t, 0.999, r.Float64(), 1e-15)
	require.Equal(t, 24*time.Hour, time.Duration(Duration(24*time.Hour)))
}
