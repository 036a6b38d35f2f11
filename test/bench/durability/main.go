// Command durability says what it costs to journal every batch before it is
// acknowledged: calls a second that the exporter gen_ai_rollup takes from
// several producers, without a storage, with durability sync, and with the
// storage's fsync on, and beside them what the disk alone can do.
//
//	go run ./bench/durability [-producers 4] [-for 2s] [-rounds 3] [-dir DIR]
//
// Every batch is 100 calls. "exporter" is the exporter alone, given stamped
// spans; "pipeline" decodes and enriches them before, as a collector must.
// Ratios are to none in the same round; the median round is printed.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"

	"github.com/spanledger/spanledger/exporter/genairollupexporter"
	"github.com/spanledger/spanledger/internal/sim"
	"github.com/spanledger/spanledger/processor/genaienricherprocessor"
)

const batchSize = 100

// mode is one way to keep the books.
type mode struct {
	name        string
	sync, fsync bool
}

var modes = []mode{{name: "none"}, {name: "sync", sync: true}, {name: "sync, fsync on", sync: true, fsync: true}}

func main() {
	var b bench
	flag.IntVar(&b.producers, "producers", 4, "producers at once")
	flag.DurationVar(&b.during, "for", 2*time.Second, "length of one measurement")
	rounds := flag.Int("rounds", 3, "rounds; everything is measured once in each")
	flag.StringVar(&b.dir, "dir", os.TempDir(), "where the store is: another disk, other figures")
	flag.Parse()
	if err := b.run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, "durability:", err)
		os.Exit(1)
	}
}

type bench struct {
	producers int
	during    time.Duration
	dir       string
	encoded   [][]byte
}

func (b *bench) run(rounds int) error {
	if err := b.prepare(); err != nil {
		return err
	}
	for _, whole := range []bool{false, true} {
		rates, ratios := make([][]float64, len(modes)), make([][]float64, len(modes))
		for range rounds {
			for i, m := range modes {
				rate, err := b.measure(m, whole)
				if err != nil {
					return err
				}
				rates[i] = append(rates[i], rate)
				ratios[i] = append(ratios[i], rate/rates[0][len(rates[0])-1])
			}
		}
		what := map[bool]string{false: "exporter", true: "pipeline"}[whole]
		for i, m := range modes {
			fmt.Printf("%-9s %-15s %9.0f calls/s  %.2f of none\n", what, m.name, median(rates[i]), median(ratios[i]))
		}
	}
	for _, fsync := range []bool{false, true} {
		rate, err := b.disk(fsync)
		if err != nil {
			return err
		}
		fmt.Printf("the disk alone, fsync %-5v %9.0f transactions/s of 40 KB, one after the other: %.0f calls/s at one batch each\n", fsync, rate, rate*batchSize)
	}
	raw, err := b.rawDisk()
	if err != nil {
		return err
	}
	fmt.Printf("the disk alone, no storage    %9.0f writes and fsyncs/s of 40 KB at the end of one file: %.0f calls/s at one batch each\n", raw, raw*batchSize)
	return nil
}

// rawDisk measures bare appends, each followed by an fsync: what no journal that
// is to survive a power loss can go beyond without sharing one between batches.
func (b *bench) rawDisk() (rate float64, err error) {
	f, err := os.CreateTemp(b.dir, "durability")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	n, frame := 0, make([]byte, frameSize)
	began := time.Now()
	for ; time.Since(began) < b.during; n++ {
		if _, err = f.Write(frame); err == nil {
			err = f.Sync()
		}
		if err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// frameSize is about that of a batch before it is compressed.
const frameSize = 40 << 10

// prepare encodes batches of simulated calls.
func (b *bench) prepare() error {
	fleet := sim.New(sim.Config{Seed: 5})
	var marshal ptrace.ProtoMarshaler
	for len(b.encoded) < 50 {
		td := ptrace.NewTraces()
		for td.SpanCount() < batchSize {
			req := fleet.Next(time.Now())
			req.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
				rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
					ss.Spans().RemoveIf(func(sp ptrace.Span) bool {
						op, ok := sp.Attributes().Get("gen_ai.operation.name")
						return !ok || op.Str() != "chat" || td.SpanCount() >= batchSize
					})
					return ss.Spans().Len() == 0
				})
				return rs.ScopeSpans().Len() == 0
			})
			if td.SpanCount()+req.SpanCount() <= batchSize {
				req.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
			}
		}
		body, err := marshal.MarshalTraces(td)
		if err != nil {
			return err
		}
		b.encoded = append(b.encoded, body)
	}
	return nil
}

// measure runs the producers against fresh books and returns calls a second.
func (b *bench) measure(m mode, whole bool) (rate float64, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp(b.dir, "durability")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	host, stop, err := newHost(ctx, dir, m.fsync)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	conf := map[string]any{"prometheus": map[string]any{"endpoint": "localhost:0"}}
	if m.sync {
		conf["storage"], conf["durability"] = "file_storage", "sync"
	}
	f := genairollupexporter.NewFactory()
	cfg := f.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(conf).Unmarshal(cfg); err != nil {
		return 0, err
	}
	exporter, err := f.CreateTraces(ctx, exportertest.NewNopSettings(f.Type()), cfg)
	if err != nil {
		return 0, err
	}
	if err := exporter.Start(ctx, host); err != nil {
		return 0, err
	}
	var calls atomic.Int64
	var senders sync.WaitGroup
	errs := make(chan error, b.producers)
	began := time.Now()
	until := began.Add(b.during)
	for p := range b.producers {
		var to consumer.Traces = exporter
		if whole {
			if to, err = enricher(ctx, exporter, host); err != nil {
				return 0, err
			}
		}
		senders.Go(func() { errs <- b.produce(ctx, to, p, whole, until, &calls) })
	}
	senders.Wait()
	took := time.Since(began)
	for range b.producers {
		err = errors.Join(err, <-errs)
	}
	return float64(calls.Load()) / took.Seconds(), errors.Join(err, exporter.Shutdown(ctx))
}

// produce sends batches of calls that were never sent before.
func (b *bench) produce(ctx context.Context, to consumer.Traces, producer int, whole bool, until time.Time, calls *atomic.Int64) error {
	var unmarshal ptrace.ProtoUnmarshaler
	var stamped []ptrace.Traces
	if !whole {
		keep, err := consumer.NewTraces(func(_ context.Context, td ptrace.Traces) error { stamped = append(stamped, td); return nil })
		if err != nil {
			return err
		}
		enrich, err := enricher(ctx, keep, componenttest.NewNopHost())
		if err != nil {
			return err
		}
		for _, body := range b.encoded {
			td, err := unmarshal.UnmarshalTraces(body)
			if err == nil {
				err = enrich.ConsumeTraces(ctx, td)
			}
			if err != nil {
				return err
			}
		}
	}
	for n := uint64(1); time.Now().Before(until); n++ {
		var td ptrace.Traces
		if whole {
			var err error
			if td, err = unmarshal.UnmarshalTraces(b.encoded[n%uint64(len(b.encoded))]); err != nil {
				return err
			}
		} else {
			td = stamped[n%uint64(len(stamped))]
		}
		renew(td, n<<8|uint64(producer))
		if err := to.ConsumeTraces(ctx, td); err != nil {
			return err
		}
		calls.Add(batchSize)
	}
	return nil
}

// renew gives the spans ids that were never seen.
func renew(td ptrace.Traces, salt uint64) {
	for sp := range sim.Spans(td) {
		id := sp.TraceID()
		binary.BigEndian.PutUint64(id[8:], salt)
		sp.SetTraceID(id)
		if v, ok := sp.Attributes().Get("gen_ai.response.id"); ok {
			v.SetStr(fmt.Sprintf("resp-%x-%d", id, salt))
		}
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	}
}

func enricher(ctx context.Context, next consumer.Traces, host component.Host) (consumer.Traces, error) {
	f := genaienricherprocessor.NewFactory()
	p, err := f.CreateTraces(ctx, processortest.NewNopSettings(f.Type()), f.CreateDefaultConfig(), next)
	if err != nil {
		return nil, err
	}
	return p, p.Start(ctx, host)
}

type host map[component.ID]component.Component

func (h host) GetExtensions() map[component.ID]component.Component { return h }

func newHost(ctx context.Context, dir string, fsync bool) (host, func() error, error) {
	f := filestorage.NewFactory()
	cfg := f.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory, cfg.FSync = filepath.Clean(dir), fsync
	ext, err := f.Create(ctx, extensiontest.NewNopSettings(f.Type()), cfg)
	if err != nil {
		return nil, nil, err
	}
	h := host{component.NewID(f.Type()): ext}
	return h, func() error { return ext.Shutdown(ctx) }, ext.Start(ctx, h)
}

// disk measures bare transactions of about the size of a batch.
func (b *bench) disk(fsync bool) (float64, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp(b.dir, "durability")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	h, stop, err := newHost(ctx, dir, fsync)
	if err != nil {
		return 0, err
	}
	var client storage.Client
	for _, ext := range h {
		if client, err = ext.(interface {
			extension.Extension
			storage.Extension
		}).GetClient(ctx, component.KindExporter, component.MustNewID("disk"), ""); err != nil {
			return 0, err
		}
	}
	n, frame := 0, make([]byte, frameSize)
	began := time.Now()
	for ; time.Since(began) < b.during; n++ {
		if err := client.Set(ctx, fmt.Sprintf("journal.%d", n), frame); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), errors.Join(client.Close(ctx), stop())
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
