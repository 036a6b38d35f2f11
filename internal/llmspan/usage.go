package llmspan

import "github.com/spanledger/spanledger/internal/llm"

// usage resolves the counts of a span into disjoint buckets: first whether
// the input count holds the cached tokens, then whether the output count
// holds the reasoning, then the remainders. Negative remainders are floored
// at zero and counted.
func (s *scan) usage(e *emitter, u *llm.Usage) llm.TokenBasis {
	s.inferMissing(e)
	u.Known = s.has(nInput) || s.has(nOutput) || s.has(nCacheRead) || s.has(nCacheWrite)
	s.units(u)
	if !u.Known {
		return llm.BasisInclusive
	}
	u.Partial = e.op.Generates() && (s.has(nInput) || s.has(nCacheRead)) != s.has(nOutput)
	cr, cw := s.counts[nCacheRead], s.cacheWrites()
	in, basis := s.totalInput(e, cr, cw)
	out := s.totalOutput(e, in)
	// What compacting the context took is in neither count, and is billed.
	s.inputBuckets(u, in+s.counts[nCompactionIn], cr, cw)
	s.outputBuckets(u, out+s.counts[nCompactionOut])
	return basis
}

// inferMissing fills in or out from the total where only one of them stands.
func (s *scan) inferMissing(e *emitter) {
	if !s.has(nTotal) || s.has(nInput) && s.has(nOutput) {
		return
	}
	switch total := s.counts[nTotal]; {
	case s.has(nInput) && total >= s.counts[nInput]:
		s.setCount(nOutput, total-s.counts[nInput])
	case s.has(nOutput) && total >= s.counts[nOutput]:
		s.setCount(nInput, total-s.counts[nOutput])
	case !s.has(nInput) && !s.has(nOutput) && e.op == llm.OpEmbeddings:
		s.setCount(nInput, total)
	}
}

// cacheWrites is the number of tokens written to caches of any duration.
func (s *scan) cacheWrites() int64 {
	split := s.counts[nCacheWrite5m] + s.counts[nCacheWrite1h]
	if !s.has(nCacheWrite) {
		return split
	}
	if split > s.counts[nCacheWrite] {
		if s.counts[nCacheWrite] > 0 { // LangChain empties the sum where it has the parts
			s.conflicts++
		}
		return split
	}
	return s.counts[nCacheWrite]
}

// totalInput returns the input count with cached tokens inside. Proof from
// the numbers beats the table of emitters; a total that is the plain sum of
// both sides proves nothing, since many emitters add it up themselves.
func (s *scan) totalInput(e *emitter, cr, cw int64) (int64, llm.TokenBasis) {
	in, cached := s.counts[nInput], cr+cw
	if cached == 0 {
		return in, llm.BasisInclusive
	}
	if !s.has(nInput) {
		return cached, llm.BasisExclusive
	}
	switch {
	case in < cached:
		return in + cached, llm.BasisExclusive
	case s.has(nTotal) && s.counts[nTotal] == in+s.counts[nOutput]+cached:
		return in + cached, llm.BasisExclusive
	case s.has(nUncached) && in == s.counts[nUncached]+cached:
		return in, llm.BasisInclusive
	case s.has(nUncached) && in == s.counts[nUncached]:
		return in + cached, llm.BasisExclusive
	}
	switch e.inputRule(s) {
	case ruleInside:
		return in, llm.BasisInclusive
	case ruleOnTop:
		return in + cached, llm.BasisExclusive
	}
	return in, llm.BasisAssumed
}

// totalOutput returns the output count with reasoning inside.
func (s *scan) totalOutput(e *emitter, in int64) int64 {
	out, reasoning := s.counts[nOutput], s.counts[nReasoning]
	if s.has(nTotal) && !s.has(nReasoning) && s.has(nOutput) && e.google() {
		if rest := s.counts[nTotal] - in - out; rest > 0 { // what is missing from the total is thoughts
			s.setCount(nReasoning, rest)
			return out + rest
		}
	}
	switch {
	case reasoning == 0:
		return out
	case out < reasoning:
		return out + reasoning
	case s.has(nTotal) && s.counts[nTotal] == in+out+reasoning:
		return out + reasoning
	case e.outputRule(s) == ruleOnTop:
		return out + reasoning
	}
	return out
}

// inputBuckets splits the input. Counts by modality include their cached
// part; where it is not known which modality was cached, it was the text as
// far as there is text.
func (s *scan) inputBuckets(u *llm.Usage, in, cr, cw int64) {
	crAudio, crImage := s.counts[nCacheReadAudio], s.counts[nCacheReadImage]
	write1h := min(s.counts[nCacheWrite1h], cw)
	t := &u.Tokens
	t[llm.CacheWrite], t[llm.CacheWrite1h] = cw-write1h, write1h
	t[llm.CacheRead] = s.rest(cr, crAudio+crImage)
	t[llm.CacheReadAudio], t[llm.CacheReadImage] = crAudio, crImage
	t[llm.InputAudio] = s.rest(s.counts[nInAudio], crAudio)
	t[llm.InputImage] = s.rest(s.counts[nInImage], crImage)
	t[llm.InputVideo] = s.counts[nInVideo]
	left := in - cr - cw - t[llm.InputAudio] - t[llm.InputImage] - t[llm.InputVideo]
	left += s.move(t, llm.InputAudio, llm.CacheReadAudio, -left)
	left += s.move(t, llm.InputImage, llm.CacheReadImage, -left)
	t[llm.Input] = s.rest(left, 0)
}

// move turns up to n cached text tokens into cached tokens of a modality,
// which the modality's uncached count then no longer holds.
func (s *scan) move(t *[llm.NumBuckets]int64, from, to llm.Bucket, n int64) int64 {
	n = min(n, t[from], t[llm.CacheRead])
	if n <= 0 {
		return 0
	}
	t[from] -= n
	t[to] += n
	t[llm.CacheRead] -= n
	return n
}

func (s *scan) outputBuckets(u *llm.Usage, out int64) {
	t := &u.Tokens
	t[llm.Reasoning] = s.counts[nReasoning]
	t[llm.OutputAudio] = s.counts[nOutAudio]
	t[llm.OutputImage] = s.counts[nOutImage]
	t[llm.OutputVideo] = s.counts[nOutVideo]
	t[llm.Citation] = s.counts[nCitation]
	t[llm.Output] = s.rest(out, t[llm.Reasoning]+t[llm.OutputAudio]+t[llm.OutputImage]+t[llm.OutputVideo])
}

// rest is whole minus part, floored at zero; less than nothing is a conflict.
func (s *scan) rest(whole, part int64) int64 {
	if whole < part {
		s.conflicts++
		return 0
	}
	return whole - part
}

func (s *scan) units(u *llm.Usage) {
	u.Units[llm.WebSearches] = s.counts[nWebSearches]
	if s.counts[nWebSearches] > 0 {
		u.Known = true
	}
}
