package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// maxCall bounds one line of a file of calls.
const maxCall = 1 << 20

// callsHelp tells what a file of calls holds.
const callsHelp = `The file of calls has one JSON object a line. provider, model, response, tier, geo
and route are what the span says; start and booked are times (RFC 3339); usage counts
by name, each thing once:

  {"provider":"openai","model":"gpt-4o","start":"2026-10-20T10:00:00Z",
   "booked":"2026-10-20T10:00:05Z","usage":{"input":1000,"cache_read":0,"output":200}}

(here in two lines to be readable).`

// callsFlag is the flag of a file of calls, which the command cannot do without.
func callsFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "calls", "", "`file` of booked calls, one JSON object a line (required)")
	_ = c.MarkFlagFilename("calls", "jsonl", "json")
	_ = c.MarkFlagRequired("calls")
}

// bookedCall is a line of the calls: what was used, and when it was booked.
type bookedCall struct {
	Provider string           `json:"provider"`
	Model    string           `json:"model"`
	Response string           `json:"response"`
	Tier     string           `json:"tier"`
	Geo      string           `json:"geo"`
	Route    string           `json:"route"`
	Start    time.Time        `json:"start"`
	Booked   time.Time        `json:"booked"`
	Usage    map[string]int64 `json:"usage"`
}

// query is what the call asks of a price book, at the time that it was booked
// or, where that is not said, with everything that is known.
func (c *bookedCall) query(p *pricer) (llm.Usage, *llm.Model, price.Query, error) {
	u, err := usageOf(c.Usage)
	q := price.Query{At: c.Start.UnixNano(), Tier: c.Tier, Geo: c.Geo, Route: c.Route}
	if !c.Booked.IsZero() {
		q.Now = c.Booked.UnixNano()
	}
	return u, p.fleet.Resolve(llm.ModelRef{Provider: c.Provider, Request: c.Model, Response: c.Response}), q, err
}

// eachCall reads calls, a line each. It returns how many there were; a fault
// is told with its file and line.
func eachCall(name string, f func(*bookedCall) error) (n int, err error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // it was only read
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxCall)
	line := 0
	for lines.Scan() {
		line++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		n++
		c, err := parseCall(lines.Bytes())
		if err == nil {
			err = f(c)
		}
		if err != nil {
			return n, fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
	if err := lines.Err(); err != nil {
		return n, fmt.Errorf("%s:%d: %w (one call a line, each under 1 MiB)", name, line+1, err)
	}
	return n, nil
}

func parseCall(line []byte) (*bookedCall, error) {
	var c bookedCall
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON object")
	}
	return &c, nil
}
