package genaienricherprocessor

import (
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanledger/spanledger/internal/llmspan"
)

// maxScopes bounds the instrumentation scopes that are told apart; all further
// ones count under otherScopes.
const (
	maxScopes   = 100
	otherScopes = "_other"
)

// scopeID names an instrumentation.
type scopeID struct{ name, version string }

// blindSpots keeps the attributes under which calls are counted whose retries
// would have left no trace: by the instrumentation that would have to tell.
// It is safe for concurrent use.
type blindSpots struct {
	mu    sync.RWMutex
	known map[scopeID]metric.MeasurementOption
	other metric.MeasurementOption
}

func newBlindSpots() *blindSpots {
	return &blindSpots{known: map[scopeID]metric.MeasurementOption{}, other: scopeAttributes(scopeID{name: otherScopes})}
}

// scopeAttributes does not use otel.scope.*, which exporters put on every
// series for the scope of the metric itself.
func scopeAttributes(id scopeID) metric.MeasurementOption {
	var list []attribute.KeyValue
	if id.name != "" {
		list = append(list, attribute.String("instrumentation.name", id.name))
	}
	if id.version != "" {
		list = append(list, attribute.String("instrumentation.version", id.version))
	}
	return metric.WithAttributeSet(attribute.NewSet(list...))
}

// of returns the attributes of a scope.
func (b *blindSpots) of(scope *llmspan.ScopeView) metric.MeasurementOption {
	id := scopeID{scope.Name, scope.Version}
	b.mu.RLock()
	attrs, ok := b.known[id]
	full := len(b.known) >= maxScopes
	b.mu.RUnlock()
	switch {
	case ok:
		return attrs
	case full:
		return b.other
	}
	id = scopeID{strings.Clone(id.name), strings.Clone(id.version)} // the batch goes, the key stays
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) >= maxScopes {
		return b.other
	}
	b.known[id] = scopeAttributes(id)
	return b.known[id]
}
