package rollup

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/money"
)

// Law: a row less itself is nothing, and twice itself is twice every figure
// that it has; so no field is left out of the sums.
func TestSumsOfRowsHaveEveryField(t *testing.T) {
	var row Row
	fill(reflect.ValueOf(&row).Elem())
	row.Duration, row.FirstChunk, row.TimePerOutputToken = Histogram{}, Histogram{}, Histogram{}
	name := Row{Route: row.Route, Dims: row.Dims, Overflow: row.Overflow, Start: row.Start, Currency: row.Currency, Slow: row.Slow, Failed: row.Failed}

	less := row.Less(&row)
	require.Equal(t, name, less)

	sum := name
	sum.plus(&row, 1)
	require.Equal(t, row, sum)
}

// fill gives every number another value than zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Int64:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(3)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[money.Amount]() {
			v.Set(reflect.ValueOf(money.FromPico(3)))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	}
}
