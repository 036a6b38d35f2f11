package rollupcomponent

import (
	"encoding/hex"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// The types of /api/v1/receipts: why one call cost what it cost. A receipt
// names the call, the model, the price row and every component; it never
// holds content.
type (
	apiReceipts struct {
		Receipts []apiReceipt `json:"receipts"`
	}

	apiReceipt struct {
		Trace       string            `json:"trace"`
		Span        string            `json:"span"`
		Route       string            `json:"route"`
		At          string            `json:"at"`
		Took        float64           `json:"took_seconds"`
		Model       apiModel          `json:"model"`
		Status      string            `json:"status"`
		Currency    string            `json:"currency,omitempty"`
		Total       *string           `json:"total"`
		AtLeast     string            `json:"at_least,omitempty"`
		List        string            `json:"list,omitempty"`
		Reported    string            `json:"reported,omitempty"`
		Use         string            `json:"use,omitempty"`
		PriceID     string            `json:"price_id,omitempty"`
		Modifiers   []string          `json:"modifiers"`
		TokenBasis  string            `json:"token_basis"`
		Components  []apiReceiptLine  `json:"components"`
		Tokens      map[string]int64  `json:"tokens"`
		Units       map[string]int64  `json:"units"`
		DuplicateOf string            `json:"duplicate_of,omitempty"`
		Attempt     *apiAttempt       `json:"attempt"`
		ErrorClass  string            `json:"error_class,omitempty"`
		Owners      map[string]string `json:"owners"`
	}

	apiModel struct {
		ID         string `json:"id"`
		Vendor     string `json:"vendor,omitempty"`
		Platform   string `json:"platform,omitempty"`
		Version    string `json:"version,omitempty"`
		Region     string `json:"region,omitempty"`
		Requested  string `json:"requested,omitempty"`
		Responded  string `json:"responded,omitempty"`
		Match      string `json:"match"`
		Lifecycle  string `json:"lifecycle"`
		Retirement string `json:"retirement_date,omitempty"`
	}

	apiReceiptLine struct {
		Component string `json:"component"`
		Cost      string `json:"cost"`
	}

	apiAttempt struct {
		Group    string `json:"group"`
		Number   int    `json:"number"`
		Kind     string `json:"kind"`
		Evidence string `json:"evidence"`
		Count    int    `json:"count,omitempty"`
	}
)

func receiptOf(r *rollup.Receipt) apiReceipt {
	s, c := &r.Stamp, &r.Stamp.Cost
	out := apiReceipt{
		Trace: hex.EncodeToString(r.Trace[:]), Span: hex.EncodeToString(r.Span[:]),
		Route: r.Route, At: timestamp(r.At), Took: r.Took.Seconds(),
		Model: apiModel{
			ID: s.Model.ID, Vendor: s.Model.Vendor, Platform: s.Model.Platform, Version: s.Model.Version, Region: s.Model.Region,
			Requested: r.Ref.Request, Responded: r.Ref.Response, Match: s.Model.Match.String(),
			Lifecycle: s.Model.Lifecycle.String(), Retirement: s.Model.RetirementDate,
		},
		Status: c.Status.String(), Currency: c.Currency, PriceID: c.PriceID,
		Modifiers: append([]string{}, c.Modifiers...), TokenBasis: c.Basis.String(),
		Components: []apiReceiptLine{}, Tokens: named[llm.Bucket](r.Usage.Tokens[:]), Units: named[llm.Unit](r.Usage.Units[:]),
		ErrorClass: r.Failed.String(), Owners: map[string]string{},
	}
	if c.Status == stamp.StatusNone {
		out.Status = "unstamped"
	}
	if c.Status.HasCost() {
		total := c.Total.String()
		out.Total, out.Use = &total, c.Use.String()
	}
	if c.Status == stamp.StatusPartial {
		out.AtLeast = c.AtLeast.String()
	}
	out.List, out.Reported = optional(c.List, c.HasList), optional(c.Reported, c.HasReported)
	for i, a := range c.Components {
		if !a.IsZero() {
			out.Components = append(out.Components, apiReceiptLine{stamp.Component(i).String(), a.String()})
		}
	}
	if !c.DuplicateOf.IsZero() {
		out.DuplicateOf = hex.EncodeToString(c.DuplicateOf[:])
	}
	if a := &s.Attempt; a.Kind != stamp.KindNone {
		out.Attempt = &apiAttempt{hex.EncodeToString(a.Group[:]), a.Number, a.Kind.String(), a.Evidence.String(), a.Count}
	}
	for _, o := range s.Owners {
		out.Owners[o.Key] = o.Value
	}
	return out
}

func optional(a money.Amount, has bool) string {
	if !has {
		return ""
	}
	return a.String()
}

// spanKeyOf reads the two ids of a receipt's address.
func spanKeyOf(trace, span string) (llm.SpanKey, bool) {
	var key llm.SpanKey
	t, errT := hex.DecodeString(strings.ToLower(trace))
	s, errS := hex.DecodeString(strings.ToLower(span))
	if errT != nil || errS != nil || len(t) != len(key.Trace) || len(s) != len(key.Span) {
		return key, false
	}
	copy(key.Trace[:], t)
	copy(key.Span[:], s)
	return key, true
}
