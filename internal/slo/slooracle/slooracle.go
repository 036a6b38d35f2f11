// Package slooracle holds rows of published SLO cases against the arithmetic of
// package slo. It supports tests and the accuracy report; nothing that ships in
// a collector imports it.
package slooracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

// row is one case: a formula, what goes in and what is known to come out.
type row struct {
	ID       string         `json:"id"`
	Kind     string         `json:"kind"`
	Inputs   inputs         `json:"inputs"`
	Expected map[string]any `json:"expected"`
	AbsTol   json.Number    `json:"abs_tol"`
}

// results are our figures by field: float64, int64, bool, string,
// time.Duration, []float64, nil, or notOurs.
type results map[string]any

// notOurs is the reason why a field says nothing about us.
type notOurs string

// foreign are kinds of rows that describe another product's behaviour.
var foreign = map[string]string{
	"promql_edge": "what Prometheus does to series that are missing or late; our counters start at zero instead",
}

var formulas = map[string]func(inputs) (results, error){
	"absent_for":          absentFor,
	"adjusted_count":      adjustedCount,
	"budget_method":       budgetMethod,
	"burn_rate":           burnRate,
	"burn_rate_factor":    burnRateFactor,
	"calendar_burndown":   calendarBurndown,
	"error_budget":        errorBudget,
	"error_budget_report": errorBudgetReport,
	"mwmb_alert":          multiWindowAlert,
	"sli":                 indicator,
	"spend_projection":    spendProjection,
	"threshold_boundary":  thresholdBoundary,
	"time_budget":         timeBudget,
	"time_to_exhaustion":  timeToExhaustion,
}

// Check computes one row (a JSON object) and compares every field that it
// expects, each within the row's own tolerance; where that is 0, exactly.
// applicable is false for a row that says nothing about us, and detail is the
// reason then; otherwise detail lists what differs, and the fields left out. A
// row that cannot be read or has an unknown kind or field is a miss.
func Check(data []byte) (id string, ok, applicable bool, detail string) {
	var r row
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&r); err != nil {
		return "", false, true, err.Error()
	}
	if why, is := foreign[r.Kind]; is {
		return r.ID, false, false, why
	}
	formula := formulas[r.Kind]
	if formula == nil {
		return r.ID, false, true, fmt.Sprintf("unknown kind %q", r.Kind)
	}
	got, err := formula(r.Inputs)
	if err != nil {
		return r.ID, false, true, err.Error()
	}
	tol, err := r.tolerance()
	if err != nil {
		return r.ID, false, true, err.Error()
	}
	return r.compare(got, tol)
}

func (r *row) tolerance() (*big.Rat, error) {
	if r.AbsTol == "" {
		return new(big.Rat), nil
	}
	tol, ok := new(big.Rat).SetString(r.AbsTol.String())
	if !ok || tol.Sign() < 0 {
		return nil, fmt.Errorf("abs_tol %q is no tolerance", r.AbsTol)
	}
	return tol, nil
}

func (r *row) compare(got results, tol *big.Rat) (id string, ok, applicable bool, detail string) {
	fields := make([]string, 0, len(r.Expected))
	for f := range r.Expected {
		fields = append(fields, f)
	}
	slices.Sort(fields)
	var notes []string
	misses, compared := 0, 0
	for _, f := range fields {
		have, known := got[f]
		if why, is := have.(notOurs); is {
			notes = append(notes, fmt.Sprintf("%s: not ours, %s", f, why))
			continue
		}
		compared++
		if !known || !equal(r.Expected[f], have, tol) {
			misses++
			notes = append(notes, fmt.Sprintf("%s: expected %v, got %v", f, r.Expected[f], have))
		}
	}
	detail = strings.Join(notes, "; ")
	if compared == 0 {
		return r.ID, false, len(r.Expected) == 0, detail
	}
	return r.ID, misses == 0, true, detail
}

// equal compares one field; numbers as exact fractions within tol.
func equal(want, got any, tol *big.Rat) bool {
	switch g := got.(type) {
	case float64:
		n, ok := want.(json.Number)
		return ok && !math.IsNaN(g) && !math.IsInf(g, 0) && near(n, new(big.Rat).SetFloat64(g), tol)
	case int64:
		n, ok := want.(json.Number)
		return ok && near(n, new(big.Rat).SetInt64(g), tol)
	case time.Duration:
		s, ok := want.(string)
		d, err := slo.ParseSpan(s)
		return ok && err == nil && d == g
	case []float64:
		list, ok := want.([]any)
		if !ok || len(list) != len(g) {
			return false
		}
		for i := range g {
			if !equal(list[i], g[i], tol) {
				return false
			}
		}
		return true
	}
	return want == got // bool, string, nil
}

func near(want json.Number, got, tol *big.Rat) bool {
	w, ok := new(big.Rat).SetString(want.String())
	if !ok {
		return false
	}
	return w.Sub(w, got).Abs(w).Cmp(tol) <= 0
}
