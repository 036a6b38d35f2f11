package rollupcomponent

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

const (
	inventoryKey      = "inventory"
	inventoryAsideKey = "inventory.unreadable"
	inventoryVersion  = 1
	// inventoryEvery is how often figures alone are stored; a change is stored
	// with the next snapshot.
	inventoryEvery = time.Minute
)

// The stored inventory is a version byte, a checksum of what follows, and
// JSON. It is a section of its own: what becomes of it does not touch the
// books.
type (
	storedInventory struct {
		Entries      []storedEntry
		Changes      []storedChange
		Newest, Sent uint64
	}
	storedEntry struct {
		Route          string
		Item           fleet.Item
		First, Last    int64
		Figures        storedFigures
		Aside          bool          `json:",omitempty"`
		Since          int64         `json:",omitempty"`
		Base           storedFigures `json:",omitzero"`
		Before         fleet.Item    `json:",omitzero"`
		BeforeFigures  storedFigures `json:",omitzero"`
		Announced      bool          `json:",omitempty"`
		Lifecycle      string        `json:",omitempty"`
		RetirementDate string        `json:",omitempty"`
		Replacement    string        `json:",omitempty"`
		ContextMax     float64       `json:",omitempty"`
	}
	storedChange struct {
		Route         string
		At, Seen      int64
		Number        uint64
		From, To      fleet.Item
		Before, After storedFigures
	}
	// storedFigures are the counts and the exact amounts; new ones come last, and
	// an older store reads as zero there.
	storedFigures struct {
		N    [10]int64
		Cost [4]string
	}
)

func storeFigures(f *fleet.Figures) storedFigures {
	if *f == (fleet.Figures{}) {
		return storedFigures{}
	}
	return storedFigures{
		[10]int64{f.Calls, f.Failed, f.Priced, f.Nanos, f.Input, f.Output, f.Cached, f.TextIn, f.TextOut, f.Compared},
		[4]string{f.Cost.String(), f.TextInCost.String(), f.TextOutCost.String(), f.Difference.String()},
	}
}

func (s *storedFigures) figures() (f fleet.Figures, err error) {
	f = fleet.Figures{
		Calls: s.N[0], Failed: s.N[1], Priced: s.N[2], Nanos: s.N[3], Input: s.N[4], Output: s.N[5], Cached: s.N[6], TextIn: s.N[7], TextOut: s.N[8], Compared: s.N[9],
	}
	for i, a := range [...]*money.Amount{&f.Cost, &f.TextInCost, &f.TextOutCost, &f.Difference} {
		if s.Cost[i] == "" {
			continue
		}
		if *a, err = money.Parse(s.Cost[i]); err != nil {
			return f, err
		}
	}
	return f, nil
}

// marshal gives the inventory as it is stored.
func (v *inventory) marshal() ([]byte, error) {
	v.mu.Lock()
	s := storedInventory{Newest: v.newest, Sent: v.sent}
	entries, changes := v.items.Entries(), append([]FleetChange(nil), v.changes...)
	v.news, v.moved = false, false
	v.mu.Unlock()
	for i := range entries {
		e := &entries[i]
		s.Entries = append(s.Entries, storedEntry{
			Route: e.Route, Item: e.Item, First: e.First, Last: e.Last, Figures: storeFigures(&e.Figures),
			Aside: e.Aside, Since: e.Since, Base: storeFigures(&e.Base), Before: e.Before, BeforeFigures: storeFigures(&e.BeforeFigures), Announced: e.Announced,
			Lifecycle: e.Note.Lifecycle.String(), RetirementDate: e.Note.RetirementDate, Replacement: e.Note.Replacement, ContextMax: e.Note.ContextMax,
		})
	}
	for i := range changes {
		c := &changes[i]
		s.Changes = append(s.Changes, storedChange{c.Route, c.At, c.Seen, c.Number, c.From, c.To, storeFigures(&c.Before), storeFigures(&c.After)})
	}
	body, err := json.Marshal(&s)
	if err != nil {
		return nil, err
	}
	out := binary.LittleEndian.AppendUint32([]byte{inventoryVersion}, crc32.ChecksumIEEE(body))
	return append(out, body...), nil
}

// unmarshal takes a stored inventory into an empty one; after an error it is
// as empty as before.
func (v *inventory) unmarshal(data []byte) error {
	var s storedInventory
	switch {
	case len(data) < 5:
		return fmt.Errorf("inventory of %d bytes is cut short", len(data))
	case data[0] != inventoryVersion:
		return fmt.Errorf("inventory is of the unknown version %d", data[0])
	case crc32.ChecksumIEEE(data[5:]) != binary.LittleEndian.Uint32(data[1:]):
		return errors.New("inventory has the wrong checksum")
	}
	if err := json.Unmarshal(data[5:], &s); err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	entries, errs := make([]fleet.Entry, len(s.Entries)), []error{}
	figures := func(f *storedFigures) fleet.Figures {
		out, err := f.figures()
		errs = append(errs, err)
		return out
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		lifecycle, _ := stamp.ParseLifecycle(e.Lifecycle)
		entries[i] = fleet.Entry{
			Route: e.Route, Item: e.Item, First: e.First, Last: e.Last, Figures: figures(&e.Figures),
			Aside: e.Aside, Since: e.Since, Base: figures(&e.Base), Before: e.Before, BeforeFigures: figures(&e.BeforeFigures), Announced: e.Announced,
			Note: fleet.Note{Lifecycle: lifecycle, RetirementDate: e.RetirementDate, Replacement: e.Replacement, ContextMax: e.ContextMax},
		}
	}
	changes := make([]FleetChange, len(s.Changes))
	for i := range s.Changes {
		c := &s.Changes[i]
		changes[i] = FleetChange{Number: c.Number, Seen: c.Seen, Change: fleet.Change{
			Route: c.Route, At: c.At, From: c.From, To: c.To, Before: figures(&c.Before), After: figures(&c.After),
		}}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.items.Restore(entries)
	v.changes, v.newest, v.sent = changes[max(0, len(changes)-maxChanges):], s.Newest, s.Sent
	return nil
}

// restoreInventory reads the inventory back; one that cannot be read is set
// aside and a new one begins.
func (s *store) restoreInventory(ctx context.Context, host component.Host, v *inventory) error {
	data, err := s.client.Get(ctx, inventoryKey)
	if err != nil {
		return fmt.Errorf("read the inventory: %w", err)
	}
	if data == nil {
		return nil
	}
	lost := v.unmarshal(data)
	if lost == nil {
		return nil
	}
	if err := s.client.Set(ctx, inventoryAsideKey, data); err != nil {
		return fmt.Errorf("set an unreadable inventory aside: %w", err)
	}
	s.logger.Error("the stored inventory could not be read; a new one begins", zap.Error(lost))
	componentstatus.ReportStatus(host, componentstatus.NewRecoverableErrorEvent(fmt.Errorf("the stored inventory could not be read: %w", lost)))
	return nil
}

// storeInventory stores a change at once, and figures alone where they are due.
func (s *store) storeInventory(ctx context.Context, v *inventory, due bool) error {
	v.mu.Lock()
	need := v.news || (v.moved && due)
	v.mu.Unlock()
	if !need {
		return nil
	}
	data, err := v.marshal()
	if err == nil {
		err = s.client.Set(ctx, inventoryKey, data)
	}
	if err != nil {
		v.mu.Lock()
		v.news = true
		v.mu.Unlock()
		return fmt.Errorf("store the inventory: %w", err)
	}
	return nil
}
