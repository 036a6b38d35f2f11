package rollupcomponent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/rollup"
)

// A storage may throw a broken file away and begin an empty one, as
// file_storage does with recreate: then lost books look like a first start. So
// the storage is asked for a second client, which file_storage keeps in a file
// of its own, and there stands the id of the ledger once it was stored.
const witnessKey = "instance"

var errMissing = errors.New("the storage is empty, but it did hold books")

// empty says what an empty storage means: a first start, or lost books, whose
// figures before now are unknown and not zero.
func (s *store) empty(ctx context.Context, host component.Host, l *rollup.Ledger, now time.Time) (RestoreOutcome, error) {
	instance, err := s.witness.Get(ctx, witnessKey)
	if err != nil {
		return RestoreNone, fmt.Errorf("read whether there were books: %w", err)
	}
	if instance == nil {
		s.logger.Info("no books in the storage: new ones begin")
		return RestoreNew, nil
	}
	l.Resume(now.UnixNano())
	l.MarkLost(now)
	s.logger.Error("new books begin", zap.Error(errMissing), zap.ByteString("lost", instance))
	componentstatus.ReportStatus(host, componentstatus.NewRecoverableErrorEvent(errMissing))
	return RestoreMissing, nil
}

// testify notes that there are books.
func (s *store) testify(ctx context.Context, instance string) {
	if err := s.witness.Set(ctx, witnessKey, []byte(instance)); err != nil {
		s.logger.Warn("if the books are lost, that will look like a first start", zap.Error(err))
	}
}
