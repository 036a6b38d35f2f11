package llmspan

import (
	"encoding/binary"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// hostileSpan makes a span of any attributes from bytes: keys of the table or
// of the input, values of every type.
func hostileSpan(data []byte) (res ResourceView, scope ScopeView, span ptrace.Span, td ptrace.Traces) {
	td = ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span = ss.Spans().AppendEmpty()
	next := func(n int) []byte {
		n = min(n, len(data))
		b := data[:n]
		data = data[n:]
		return b
	}
	one := func() int {
		if b := next(1); len(b) == 1 {
			return int(b[0])
		}
		return 0
	}
	d := &dialects[one()%len(dialects)]
	if len(d.scopes) > 0 {
		ss.Scope().SetName(d.scopes[0] + "x")
	}
	span.SetName(string(next(one() % 32)))
	span.SetKind(ptrace.SpanKind(one()))
	span.Status().SetCode(ptrace.StatusCode(one() % 4))
	span.Status().SetMessage(string(next(one() % 16)))
	for len(data) > 0 {
		k := ""
		if n := one(); n < 200 {
			k = keys.names[(n*256+one())%len(keys.names)]
		} else {
			k = string(next(n - 200))
		}
		hostileValue(span.Attributes().PutEmpty(k), one, next, 0)
	}
	return ReadResource(rs), ReadScope(ss), span, td
}

func hostileValue(v pcommon.Value, one func() int, next func(int) []byte, depth int) {
	switch one() % 9 {
	case 0, 1:
		v.SetStr(string(next(one())))
	case 2:
		v.SetInt(int64(one()))
	case 3:
		var b [8]byte
		copy(b[:], next(8))
		v.SetInt(int64(binary.LittleEndian.Uint64(b[:])))
	case 4:
		var b [8]byte
		copy(b[:], next(8))
		v.SetDouble(float64(int64(binary.LittleEndian.Uint64(b[:]))))
	case 5:
		v.SetBool(one()%2 == 0)
	case 6:
		v.SetEmptyBytes().FromRaw(next(one() % 8))
	case 7:
		s := v.SetEmptySlice()
		for range one() % 4 {
			if depth < 4 {
				hostileValue(s.AppendEmpty(), one, next, depth+1)
			}
		}
	case 8:
		m := v.SetEmptyMap()
		for range one() % 4 {
			if depth < 4 {
				hostileValue(m.PutEmpty(string(next(4))), one, next, depth+1)
			}
		}
	}
}

// FuzzRead: whatever comes, nothing panics, nothing is changed (the span is
// read-only), no count is negative and no sum wraps.
func FuzzRead(f *testing.F) {
	f.Add([]byte("\x19\x08chat gpt\x03\x02\x00\x05\x10\x02\x40"))
	f.Add([]byte{25, 4, 'c', 'h', 'a', 't', 3, 2, 0, 1, 5, 3, 255, 255, 255, 255, 255, 255, 255, 127})
	f.Fuzz(func(t *testing.T, data []byte) {
		res, scope, span, td := hostileSpan(data)
		td.MarkReadOnly()
		r, err := NewReader(Options{ContentKey: testKey})
		if err != nil {
			t.Fatal(err)
		}
		var c llm.Call
		if r.Read(&res, &scope, span, &c) {
			for b, n := range c.Usage.Tokens {
				if n < 0 {
					t.Errorf("%s: %d tokens", llm.Bucket(b), n)
				}
			}
			if c.Usage.TotalInput() < 0 || c.Usage.TotalOutput() < 0 || c.FirstChunk < 0 || c.Attempt.Hidden < 0 {
				t.Errorf("negative sums: %+v", c.Usage)
			}
			if c.Role == llm.RoleNone {
				t.Error("a call without a role")
			}
		}
		r.ReadTransport(&res, &scope, span, &c)
		r.Content(span)
		if IsCandidate(&scope, span) != (Look(&scope, span)&SeenLLM != 0) {
			t.Error("two opinions on a candidate")
		}
		if IsStampedOrCandidate(span) != (Look(&scope, span)&(SeenLLM|SeenStamps) != 0) {
			t.Error("two opinions on a span worth reading")
		}
		var sk llm.Skeleton
		ReadSkeleton(span, &sk)
		var s stamp.Stamp
		ReadStamp(span, &s)
	})
}

// FuzzObjText: the walker ends, and what it returns lies within the text.
func FuzzObjText(f *testing.F) {
	f.Add(`{"a": {"b": 1, "c": "x\"y"}, 'd': None}`)
	f.Add(`Usage(prompt_tokens=412, details=Wrapper(cached_tokens=256))`)
	f.Add(`{{{{:::=,,"'`)
	f.Fuzz(func(t *testing.T, text string) {
		o := objText{s: text}
		for n := 0; ; n++ {
			name, value, _, ok := o.next()
			if !ok {
				return
			}
			if name == "" || len(name)+len(value) > len(text) || n > len(text) {
				t.Fatalf("%q = %q in %q", name, value, text)
			}
		}
	})
}

func FuzzParseCount(f *testing.F) {
	for _, s := range []string{"12", "12.0", "1e3", "-1", "", " 7 ", "0x10", "NaN", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := parseCount(s); ok && (n < 0 || n > maxCount) {
			t.Fatalf("%q is %d", s, n)
		}
	})
}
