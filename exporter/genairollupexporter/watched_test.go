package genairollupexporter

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// watchedHost is a host that remembers what status the component reported.
type watchedHost struct {
	component.Host
	mu     sync.Mutex
	events []*componentstatus.Event
}

func (d *disk) watched() *watchedHost { return &watchedHost{Host: d.host()} }

// Report implements componentstatus.Reporter.
func (h *watchedHost) Report(event *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, event)
}

func (h *watchedHost) statuses() (list []componentstatus.Status) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		list = append(list, e.Status())
	}
	return list
}
