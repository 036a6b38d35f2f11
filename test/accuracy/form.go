package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// form is one kind of file of cases: how it is known and how it is checked.
type form struct {
	name   string
	detect func(data []byte) bool
	check  func(data []byte, tick func(done, of int)) ([]verdict, error)
}

var forms = []form{
	{"pricing", linesWith("expected_cost_usd"), checkPricing},
	{"resolution", linesWith("expected_model"), checkResolution},
	{"slo", linesWith("kind", "inputs", "expected"), checkSLO},
	{"retries", isTraces, checkRetries},
	{"ids", isPairs, checkIDs},
}

// recognise returns the form of a file, nil where it has none of ours.
func recognise(data []byte) *form {
	for i := range forms {
		if forms[i].detect(data) {
			return &forms[i]
		}
	}
	return nil
}

// linesWith takes files of one JSON object a line whose first has all keys.
func linesWith(keys ...string) func([]byte) bool {
	return func(data []byte) bool {
		rows := lines(data)
		var first map[string]json.RawMessage
		if len(rows) == 0 || json.Unmarshal(rows[0], &first) != nil {
			return false
		}
		for _, k := range keys {
			if _, ok := first[k]; !ok {
				return false
			}
		}
		return true
	}
}

// isTraces takes JSON lists of cases with spans and what is expected of them.
func isTraces(data []byte) bool {
	var cases []map[string]json.RawMessage
	if json.Unmarshal(data, &cases) != nil || len(cases) == 0 {
		return false
	}
	_, spans := cases[0]["spans"]
	_, expected := cases[0]["expected"]
	return spans && expected
}

// isPairs takes texts of which every line is provider, tab, id.
func isPairs(data []byte) bool {
	rows := lines(data)
	for _, r := range rows {
		if bytes.Count(r, []byte("\t")) != 1 {
			return false
		}
	}
	return len(rows) > 0
}

// lines splits a file into its lines; blank ones are left out.
func lines(data []byte) [][]byte {
	var out [][]byte
	for l := range bytes.Lines(data) {
		if l = bytes.TrimRight(l, "\r\n"); len(bytes.TrimSpace(l)) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// each reads and checks the rows of a file one by one. A row that cannot be
// read is a miss, not the end.
func each[R any](data []byte, tick func(done, of int), check func(*R) verdict) []verdict {
	rows := lines(data)
	out := make([]verdict, 0, len(rows))
	for i, line := range rows {
		tick(i, len(rows))
		var r R
		var v verdict
		if err := json.Unmarshal(line, &r); err != nil {
			v = missed("a row", err.Error())
		} else {
			v = guarded(func() verdict { return check(&r) })
		}
		if v.id == "" {
			v.id = fmt.Sprintf("row %d", i+1)
		}
		out = append(out, v)
	}
	return out
}
