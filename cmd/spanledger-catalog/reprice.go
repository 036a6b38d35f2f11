package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// reprice says what terms that were entered late would have changed about
// calls that are booked already. It changes nothing itself: books stay as they
// were booked.
func reprice(e *env, args []string) error {
	f := e.flags("reprice")
	terms := f.String("contracts", "", "contracts as in the processor's configuration, with recorded_at (YAML)")
	calls := f.String("calls", "", "booked calls, one JSON object a line")
	file := f.String("catalog", "", "a catalogue file that comes before the embedded one")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	contracts, err := readContracts(*terms)
	if err != nil {
		return err
	}
	tables, err := layers(*file)
	if err != nil {
		return err
	}
	book, err := price.NewBook(price.Config{Layers: tables, Contracts: contracts})
	if err != nil {
		return err
	}
	resolver, err := fleet.New(fleet.Options{})
	if err != nil {
		return err
	}
	sums := map[sumKey]*sum{}
	if err := eachCall(*calls, func(c *bookedCall) error { return c.add(sums, book, resolver) }); err != nil {
		return err
	}
	return e.sums(sums)
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

func eachCall(name string, f func(*bookedCall) error) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var c bookedCall
		dec := json.NewDecoder(bytes.NewReader(sc.Bytes()))
		dec.DisallowUnknownFields()
		err := dec.Decode(&c)
		if err == nil {
			err = f(&c)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return sc.Err()
}

// sumKey is what a difference is reported by.
type sumKey struct{ platform, model, currency string }

type sum struct {
	calls, changed, unpriced int
	booked, later            money.Amount
}

func (c *bookedCall) add(sums map[sumKey]*sum, book *price.Book, resolver *fleet.Resolver) error {
	if c.Start.IsZero() || c.Booked.IsZero() {
		return errors.New("a call needs its start and when it was booked")
	}
	u := llm.Usage{Known: true}
	for name, n := range c.Usage { // any order: each count has a place of its own
		if err := count(&u, name, n); err != nil {
			return err
		}
	}
	m := resolver.Resolve(llm.ModelRef{Provider: c.Provider, Request: c.Model, Response: c.Response})
	q := price.Query{At: c.Start.UnixNano(), Now: c.Booked.UnixNano(), Tier: c.Tier, Geo: c.Geo, Route: c.Route}
	r := book.Reprice(&u, m, q, 0)
	k := sumKey{m.Platform, m.ID, r.Booked.Currency}
	s := sums[k]
	if s == nil {
		s = &sum{}
		sums[k] = s
	}
	s.calls++
	if !r.OK {
		s.unpriced++
		return nil
	}
	s.booked, s.later = s.booked.Add(r.Booked.Total), s.later.Add(r.Later.Total)
	if !r.Delta.IsZero() {
		s.changed++
	}
	return nil
}

func (e *env) sums(sums map[sumKey]*sum) error {
	keys := make([]sumKey, 0, len(sums))
	for k := range sums { // sorted next
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b sumKey) int {
		return cmp.Or(strings.Compare(a.currency, b.currency), strings.Compare(a.platform, b.platform), strings.Compare(a.model, b.model))
	})
	total := map[string]money.Amount{}
	for _, k := range keys {
		s := sums[k]
		delta := s.later.Sub(s.booked)
		total[k.currency] = total[k.currency].Add(delta)
		line := fmt.Sprintf("%s/%s: %d calls, %d changed, booked %s, by all terms %s, difference %s %s",
			k.platform, k.model, s.calls, s.changed, s.booked, s.later, delta, k.currency)
		if s.unpriced > 0 {
			line += fmt.Sprintf(", %d not comparable", s.unpriced)
		}
		if _, err := fmt.Fprintln(e.out, line); err != nil {
			return err
		}
		last := k == keys[len(keys)-1] || keys[slices.Index(keys, k)+1].currency != k.currency
		if last && k.currency != "" {
			if _, err := fmt.Fprintf(e.out, "difference %s %s\n", total[k.currency], k.currency); err != nil {
				return err
			}
		}
	}
	return nil
}
