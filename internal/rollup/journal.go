package rollup

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// What can be wrong with stored books. Errors of RestoreState and
// ReplayJournal wrap one of them.
var (
	// ErrEmpty: the store holds no ledger, which is not a ledger of zeros.
	ErrEmpty = errors.New("no stored books")
	// ErrCorrupt: the store does not hold what was written.
	ErrCorrupt = errors.New("stored books are corrupt")
	// ErrVersion: written by a version that this one cannot read.
	ErrVersion = errors.New("stored books are of an unknown version")
	// ErrTorn: the journal ends inside a record, as a crash leaves it; all
	// before the tear was replayed.
	ErrTorn = errors.New("journal ends inside a record")
	// ErrInUse: only a ledger that has booked nothing can take stored books.
	ErrInUse = errors.New("the ledger has books already")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const (
	journalVersion = 1
	journalHeader  = 8 // length and checksum of the payload
	minRecord      = 64
)

// AppendJournal appends one frame that holds the records of one Add, to be
// stored before the batch is acknowledged. Frames may be stored apart or one
// behind the other. now is what Add is told.
func AppendJournal(buf []byte, recs []Record, now time.Time) []byte {
	at := len(buf)
	buf = append(buf, make([]byte, journalHeader)...)
	buf = putUint(buf, journalVersion)
	buf = putInt(buf, now.UnixNano())
	buf = putUint(buf, uint64(len(recs)))
	for i := range recs {
		buf = appendRecord(buf, &recs[i], 0)
	}
	payload := buf[at+journalHeader:]
	binary.LittleEndian.PutUint32(buf[at:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(buf[at+4:], crc32.Checksum(payload, castagnoli))
	return buf
}

// ReplayJournal adds what AppendJournal wrote, frame by frame, as of the time
// it arrived. Replaying what the state already holds changes nothing but the
// count of redelivered spans. A torn or corrupt frame ends the replay; what
// came before it stays added and is in the result.
func (l *Ledger) ReplayJournal(data []byte) (res AddResult, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var batch batch
	for at := 0; at < len(data); {
		n, now, err := batch.read(data[at:])
		if err != nil {
			return res, fmt.Errorf("journal at byte %d of %d: %w", at, len(data), err)
		}
		res.add(l.add(batch.recs, now))
		at += n
	}
	return res, nil
}

// batch is the records of one frame.
type batch struct {
	held []*stored
	recs []Record
}

// read decodes the frame at the front of data and returns its length.
func (b *batch) read(data []byte) (n int, now int64, err error) {
	if len(data) < journalHeader {
		return 0, 0, ErrTorn
	}
	size := int64(binary.LittleEndian.Uint32(data))
	if size > int64(len(data)-journalHeader) {
		return 0, 0, ErrTorn
	}
	n = journalHeader + int(size)
	payload := data[journalHeader:n]
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(data[4:]) {
		return 0, 0, fmt.Errorf("%w: wrong checksum", ErrCorrupt)
	}
	r := reader{b: payload}
	if v := r.uint(); v != journalVersion {
		return 0, 0, fmt.Errorf("%w: %d", ErrVersion, v)
	}
	now = r.int()
	count := r.count(minRecord)
	b.recs = b.recs[:0]
	for i := range count {
		if i == len(b.held) {
			b.held = append(b.held, &stored{})
		}
		s := b.held[i]
		r.record(s)
		b.recs = append(b.recs, s.Record)
	}
	if r.bad || len(r.b) > 0 {
		return 0, 0, fmt.Errorf("%w: a frame does not hold %d records", ErrCorrupt, count)
	}
	return n, now, nil
}
