package attempt

import (
	"time"
	"unsafe"

	"github.com/spanledger/spanledger/internal/llm"
)

// Memory is the bounded memory of recent traces. It has no lock and no clock:
// one goroutine uses it at a time and passes the time in.
//
// It keeps records without pointers, never the spans or their strings. When it
// is full the trace that was quiet longest goes first; what is later delivered
// of it is read as a new trace.
type Memory struct {
	cfg       Config
	traces    map[llm.TraceID]*entry
	present   presence // of traces
	main      queue    // traces with a call, quietest first
	bare      queue    // with Wait: traces whose other spans came first
	strict    reducer
	loose     reducer // with weak evidence, for Probable
	epoch     uint32
	touched   []*entry
	refs      []ref
	bills     biller
	waiting   []*entry // with held calls, oldest first
	heldCalls int
	seq       int64
	dropped   []*entry // in this batch
	spare     []*entry
	forced    []decided
	roots     rootIndex
	hurried   bool // a due time was brought forward
	stats     Stats
}

// entry is one trace.
type entry struct {
	id         llm.TraceID
	prev, next *entry
	touched    int64
	epoch      uint32
	lastFailed int64 // end of the last failed call
	failed     bool  // holds a failed call
	http       bool  // holds an HTTP failure that clients retry, or a resend
	gone       bool  // evicted while its batch was being read
	standIns   bool  // holds an HTTP failure that stands for its call
	bare       bool  // holds no call yet
	direct     bool  // its calls were decided at once
	size       int64
	calls      []callRec
	skels      []skelRec
	more       *extra
}

// extra is what few traces need.
type extra struct {
	sums    []summary
	takes   []takeover
	pending []pending
	index   map[llm.SpanID]int32 // of large traces: calls, then ^skeleton
}

// ref is the record behind one call of the batch: a call, a skeleton (^i), or
// dropped.
type ref struct {
	e    *entry
	i    int32
	kind refKind
}

type refKind uint8

const (
	refFresh refKind = iota
	refSeen
	refDropped
	refTransport
	refTransportSeen
)

// linearUpTo is the trace size up to which spans are found by looking through.
const linearUpTo = 48

// maxSpare bounds the entries kept for reuse.
const maxSpare = 512

const (
	entryBytes = int64(unsafe.Sizeof(entry{})) + 64 // with its place in the map
	callBytes  = int64(unsafe.Sizeof(callRec{}))
	skelBytes  = int64(unsafe.Sizeof(skelRec{}))
	indexBytes = 24
)

// NewMemory makes an empty memory.
func NewMemory(cfg Config) *Memory {
	m := &Memory{cfg: cfg.withDefaults(), traces: make(map[llm.TraceID]*entry)}
	m.present = newPresence(m.cfg.MaxTraces)
	m.strict = reducer{cfg: &m.cfg, weak: m.cfg.WeakEvidence, apart: true}
	m.loose = reducer{cfg: &m.cfg, weak: true, apart: true}
	m.bills.init(&m.cfg)
	return m
}

// Holds reports whether the other spans of a trace are worth reading: it has a
// call in memory, or may yet get one while calls are held.
func (m *Memory) Holds(t llm.TraceID) bool { return m.cfg.Wait > 0 || m.trace(t) != nil }

// trace returns what is known of a trace, or nil.
func (m *Memory) trace(id llm.TraceID) *entry {
	if !m.present.perhaps(id) {
		return nil
	}
	return m.traces[id]
}

// Observe takes a batch in and appends one verdict per call, in order, to out.
// It is idempotent: a span delivered again gets the verdict of the first time.
func (m *Memory) Observe(b *Batch, now time.Time, out []Verdict) []Verdict {
	at := now.UnixNano()
	m.expire(at)
	m.epoch++
	m.touched, m.refs = m.touched[:0], m.refs[:0]
	var e *entry
	for i, c := range b.Calls {
		if e == nil || e.id != c.Trace {
			e = m.enter(c.Trace, at)
		}
		var model *llm.Model
		if i < len(b.Models) {
			model = b.Models[i]
		}
		if b.Fingerprint != nil && (e.failed || m.cfg.CrossTrace) && c.Attempt.Content == [16]byte{} {
			b.Fingerprint(i)
		}
		m.refs = append(m.refs, m.add(e, c, model))
	}
	e = nil
	for _, s := range b.Skeletons {
		if e == nil || e.id != s.Trace {
			if e = m.trace(s.Trace); e == nil {
				if m.cfg.Wait <= 0 {
					continue
				}
				e = m.newEntry(s.Trace)
				e.bare = true
			}
			m.touch(e, at)
		}
		m.addSkeleton(e, s)
	}
	for _, e := range m.touched {
		if len(e.calls) > 0 || e.http {
			m.conclude(e, at)
		}
	}
	for i := range m.refs {
		out = append(out, m.verdict(&m.refs[i]))
	}
	m.shrink()
	return out
}

// find returns the call or skeleton (^i) of a span.
func (e *entry) find(id llm.SpanID) (int32, bool) {
	if e.more != nil && e.more.index != nil {
		i, ok := e.more.index[id]
		return i, ok
	}
	for i := range e.calls {
		if e.calls[i].span == id {
			return int32(i), true
		}
	}
	for i := range e.skels {
		if e.skels[i].span == id {
			return ^int32(i), true
		}
	}
	return 0, false
}

func (e *entry) extra() *extra {
	if e.more == nil {
		e.more = &extra{}
	}
	return e.more
}

// indexed keeps the index of a large trace, which starts one past linearUpTo.
func (m *Memory) indexed(e *entry, id llm.SpanID, i int32) {
	if x := e.more; x != nil && x.index != nil {
		x.index[id] = i
		e.grow(m, indexBytes)
		return
	}
	if len(e.calls)+len(e.skels) <= linearUpTo {
		return
	}
	x := e.extra()
	x.index = make(map[llm.SpanID]int32, 2*linearUpTo)
	for i := range e.calls {
		x.index[e.calls[i].span] = int32(i)
	}
	for i := range e.skels {
		x.index[e.skels[i].span] = ^int32(i)
	}
	e.grow(m, indexBytes*int64(len(x.index)))
}

func (e *entry) grow(m *Memory, n int64) {
	if !e.gone {
		e.size += n
		m.stats.Bytes += n
	}
}

// add takes one call in.
func (m *Memory) add(e *entry, c *llm.Call, model *llm.Model) ref {
	if c.Role == llm.RoleTransport {
		var rec skelRec
		rec.fillProvider(c)
		return m.addProvider(e, &rec)
	}
	i, ok := e.find(c.Span)
	switch {
	case ok && i >= 0:
		m.stats.Redelivered++
		return ref{e, i, refSeen}
	case len(e.calls) >= m.cfg.MaxCalls || c.Role == llm.RoleNone:
		m.stats.DroppedCalls++
		return ref{e, none, refDropped}
	}
	var rec callRec
	rec.fill(c, model)
	if ok { // seen as a skeleton before
		mergeWrapper(&rec, &e.skels[^i])
		e.skels[^i] = skelRec{} // its place stays empty: indices are kept elsewhere
	}
	was := cap(e.calls)
	e.calls = append(e.calls, rec)
	e.grow(m, int64(cap(e.calls)-was)*callBytes)
	i = int32(len(e.calls) - 1)
	m.indexed(e, c.Span, i)
	if rec.failed() && rec.isLLM() {
		e.failed, e.lastFailed = true, max(e.lastFailed, rec.end)
	}
	m.addRoot(e, i)
	return ref{e, i, refFresh}
}

func (m *Memory) addSkeleton(e *entry, s *llm.Skeleton) {
	i, ok := e.find(s.Span)
	if ok && i < 0 && e.skels[^i].has(fRead) {
		return
	}
	var rec skelRec
	rec.fill(s)
	switch {
	case ok && i >= 0:
		mergeWrapper(&e.calls[i], &rec)
	case ok:
		e.skels[^i].merge(&rec)
	default:
		m.appendSkel(e, &rec)
	}
	e.http = e.http || rec.has(fHTTPClient) && (rec.retryable() || rec.resend > 0)
}

func (m *Memory) addProvider(e *entry, rec *skelRec) ref {
	if i, ok := e.find(rec.span); ok {
		if i >= 0 {
			return ref{e, none, refDropped}
		}
		s := &e.skels[^i]
		seen := s.has(fProvider)
		s.merge(rec)
		if seen {
			return ref{e, i, refTransportSeen}
		}
		return ref{e, i, refTransport}
	}
	i, ok := m.appendSkel(e, rec)
	if !ok {
		return ref{e, none, refDropped}
	}
	e.http = e.http || rec.class != llm.ErrNone
	return ref{e, ^i, refTransport}
}

func (m *Memory) appendSkel(e *entry, rec *skelRec) (int32, bool) {
	if len(e.skels) >= m.cfg.MaxSkeletons {
		m.stats.DroppedSkeletons++
		return none, false
	}
	was := cap(e.skels)
	e.skels = append(e.skels, *rec)
	e.grow(m, int64(cap(e.skels)-was)*skelBytes)
	i := int32(len(e.skels) - 1)
	m.indexed(e, rec.span, ^i)
	return i, true
}

// lookup finds the record of a call.
func (m *Memory) lookup(k llm.SpanKey) (*entry, int32) {
	if e := m.trace(k.Trace); e != nil {
		if i, ok := e.find(k.Span); ok && i >= 0 {
			return e, i
		}
	}
	return nil, none
}

// SetContent adds the content hash of a held call, computed after a failure
// arrived in its trace.
func (m *Memory) SetContent(k llm.SpanKey, content [16]byte) {
	if e, i := m.lookup(k); e != nil && e.calls[i].content == 0 {
		e.calls[i].content = foldContent(content)
	}
}

// Stats says what the memory holds and has given up.
func (m *Memory) Stats() Stats {
	s := m.stats
	s.Traces, s.Held = len(m.traces), m.heldCalls
	for e := m.main.head; e != nil; e = e.next {
		s.Calls += len(e.calls)
		s.Skeletons += len(e.skels)
	}
	s.EvictedResponses, s.EvictedRoots = m.bills.billed.evicted, m.roots.evicted
	return s
}
