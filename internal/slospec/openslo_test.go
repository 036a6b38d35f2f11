package slospec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const openSLOGood = `apiVersion: openslo/v1
kind: SLO
metadata: {name: one}
spec:
  indicator: {spec: {ratioMetric: {good: {metricSource: {type: spanledger, spec: {where: {route: a}}}}, total: {metricSource: {type: spanledger, spec: {where: {route: a}}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
`

func readOne(text string) ([]Written, []string, error) {
	return ReadOpenSLO([]File{{"one.yaml", []byte(text)}})
}

// Each fault is the good object with one thing changed, and names the object.
func TestOpenSLORefuses(t *testing.T) {
	list, notes, err := readOne(openSLOGood)
	require.NoError(t, err)
	require.Empty(t, notes)
	require.Len(t, list, 1)
	for _, c := range []struct{ from, to, says string }{
		{"openslo/v1", "openslo/v1alpha", `apiVersion "openslo/v1alpha" is not openslo/v1`},
		{"kind: SLO", "kind: Slo", "the kind is not one of"},
		{"{name: one}", "{}", "metadata.name is missing"},
		{"30d", "30", "is not a number with one of"},
		{"30d", "1M", "no fixed length"},
		{"isRolling: true", "isRolling: false", "either rolling or has a calendar"},
		{"[{duration: 30d, isRolling: true}]", "[]", "exactly one is needed"},
		{"duration: 30d, isRolling: true", "duration: 2M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: UTC}", "not 2M"},
		{"duration: 30d, isRolling: true", "duration: 1M, calendar: {startTime: 2026-01-02 00:00:00, timeZone: UTC}", "a month starts at 2026-01-01 00:00:00"},
		{"duration: 30d, isRolling: true", "duration: 1w, calendar: {startTime: 2026-01-06 00:00:00, timeZone: UTC}", "a week starts at 2026-01-05"},
		{"duration: 30d, isRolling: true", "duration: 1M, calendar: {startTime: yesterday, timeZone: UTC}", "startTime"},
		{"duration: 30d, isRolling: true", "duration: 1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: Mars/Base}", "IANA"},
		{"Occurrences", "Sometimes", `"Sometimes" is not Occurrences, Timeslices or RatioTimeslices`},
		{"Occurrences", "Timeslices", "one.yaml:5: SLO \"one\": budgetingMethod Timeslices: timeSliceWindow"},
		{"budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]", "budgetingMethod: Timeslices\n  objectives: [{target: 0.99, timeSliceWindow: 5}]", `timeSliceWindow "5" is not a number with one of m`},
		{"budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]", "budgetingMethod: Timeslices\n  objectives: [{target: 0.99, timeSliceWindow: 5m}]", "timeSliceTarget is for Timeslices, which need it"},
		{"budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]", "budgetingMethod: RatioTimeslices\n  objectives: [{target: 0.99, timeSliceWindow: 5m, timeSliceTarget: 0.9}]", "for no other"},
		{"[{target: 0.99}]", "[{target: 0.99, timeSliceTarget: 0.9}]", "belong to the time slice methods"},
		{"{target: 0.99}", "{target: 0.99, targetPercent: 99}", "exactly one of target and targetPercent"},
		{"{target: 0.99}", "{target: 0.99, op: lte, value: 8}", "belong to a thresholdMetric"},
		{"{target: 0.99}", "{target: 0.99, compositeWeight: 2}", "composite"},
		{"[{target: 0.99}]", "[]", "at least one"},
		{"spec: {where: {route: a}}}}, total", "spec: {were: {route: a}}}}, total", `"were" is not one of`},
		{"spec: {where: {route: a}}}}}}}", "spec: {where: {route: b}}}}}}}", "picks other calls"},
		{"good:", "raw:", "cannot be counted"},
		{"good:", "nice:", "exactly one of good and bad"},
		{"ratioMetric:", "otherMetric:", "exactly one of ratioMetric and thresholdMetric"},
		{"indicator:", "other:", "exactly one of indicator and indicatorRef"},
		{"budgetingMethod", "indicatorRef: x\n  budgetingMethod", "exactly one of indicator and indicatorRef"},
		{"budgetingMethod", "alertPolicies: [nobody]\n  budgetingMethod", `there is no AlertPolicy "nobody"`},
		{"type: spanledger, spec: {where: {route: a}}}}, total", "metricSourceRef: nowhere, spec: {}}}, total", `there is no DataSource "nowhere"`},
		{"metadata", "metadata: {name: one}\n---\napiVersion: [", "one.yaml: document 2"},
		{"apiVersion", openSLOGood + "---\napiVersion", "is in one.yaml too"},
		{"spanledger", "prometheus", "no SLO with a metricSource of type spanledger"},
	} {
		text := strings.Replace(openSLOGood, c.from, c.to, 1)
		if c.from == "spanledger" {
			text = strings.ReplaceAll(openSLOGood, c.from, c.to)
		}
		_, _, err := readOne(text)
		require.ErrorContains(t, err, c.says, "%s -> %s", c.from, c.to)
	}
}

func TestOpenSLOConditions(t *testing.T) {
	with := func(condition string) error {
		_, _, err := readOne(openSLOGood + "  alertPolicies: [{kind: AlertPolicy, spec: {conditions: [{spec: {severity: page, condition: {" + condition + "}}}]}}]\n")
		return err
	}
	require.NoError(t, with("kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h, alertAfter: 5m"))
	for condition, says := range map[string]string{
		"kind: other, op: gt, threshold: 2, lookbackWindow: 1h":                     "is not burnrate",
		"kind: burnrate, op: lt, threshold: 2, lookbackWindow: 1h":                  "neither gt nor gte",
		"kind: burnrate, op: gt, threshold: high, lookbackWindow: 1h":               "is not a number",
		"kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1Y":                  "lookbackWindow",
		"kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h, alertAfter: now": "alertAfter",
	} {
		require.ErrorContains(t, with(condition), says)
	}
}

// Whatever comes in, the reader answers with objectives or an error.
func FuzzOpenSLO(f *testing.F) {
	f.Add([]byte(openSLOGood))
	f.Add([]byte("apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: x}\nspec: [1, 2]\n---\n- a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _, err := ReadOpenSLO([]File{{"fuzz.yaml", data}})
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d objectives and error %v", len(list), err)
		}
		for _, w := range list {
			if w.Name == "" || w.SLI["kind"] == "" {
				t.Fatalf("incomplete: %+v", w)
			}
		}
	})
}
