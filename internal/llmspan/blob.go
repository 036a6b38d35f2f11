package llmspan

import "strings"

// usageSlot knows the names that usage objects of providers and SDKs give
// their counts; parent is the name of the enclosing object.
func usageSlot(parent, name string) (slot, bool) {
	switch name {
	case "input", "input_tokens", "prompt_tokens", "inputTokens", "promptTokens", "prompt_token_count", "promptTokenCount":
		return nInput, true
	case "output", "output_tokens", "completion_tokens", "outputTokens", "completionTokens", "candidates_token_count", "candidatesTokenCount":
		return nOutput, true
	case "total", "total_tokens", "totalTokens", "total_token_count", "totalTokenCount":
		return nTotal, true
	case "cached_tokens", "cache_read", "cache_read_tokens", "cache_read_input_tokens", "cacheReadInputTokens", "cacheReadTokens",
		"cachedPromptTokens", "cachedInputTokens", "cached_content_token_count", "cachedContentTokenCount", "input_cached_tokens", "input_cache_read":
		return nCacheRead, true
	case "cache_creation", "cache_creation_tokens", "cache_creation_input_tokens", "cacheCreationInputTokens", "cache_write", "cache_write_tokens",
		"cache_write_input_tokens", "cacheWriteInputTokens", "cacheWriteTokens", "input_cache_creation", "input_cache_write":
		return nCacheWrite, true
	case "ephemeral_5m_input_tokens", "input_cache_creation_5m":
		return nCacheWrite5m, true
	case "ephemeral_1h_input_tokens", "input_cache_creation_1h":
		return nCacheWrite1h, true
	case "reasoning", "reasoning_tokens", "reasoningTokens", "thoughts_token_count", "thoughtsTokenCount", "output_reasoning_tokens", "output_reasoning":
		return nReasoning, true
	case "input_audio_tokens", "input_audio":
		return nInAudio, true
	case "output_audio_tokens", "output_audio":
		return nOutAudio, true
	case "audio", "audio_tokens", "audioTokens":
		return sided(parent, nInAudio, nOutAudio)
	case "image_tokens":
		return sided(parent, nInImage, nOutImage)
	case "citation_tokens":
		return nCitation, true
	case "web_search_requests", "web_search_calls", "num_search_queries":
		return nWebSearches, true
	case "cost_in_usd_ticks", "costInUsdTicks":
		return nTicks, true
	}
	return 0, false
}

func sided(parent string, in, out slot) (slot, bool) {
	switch {
	case strings.HasPrefix(parent, "prompt"), strings.HasPrefix(parent, "input"):
		return in, true
	case strings.HasPrefix(parent, "completion"), strings.HasPrefix(parent, "output"):
		return out, true
	}
	return 0, false
}

// usageText is a usage object read from text.
type usageText struct {
	counts [numCounts]int64
	have   [numCounts]bool
	// buckets: the object names its counts "input" and "output", Langfuse's
	// own disjoint buckets. beside: cached tokens stand beside the input count,
	// as Anthropic writes them, not in details below it.
	buckets, beside bool
	cost            string // a total_cost in the object: what the provider billed
}

// read fills the object; side names the object where the text is one half of
// the usage ("input" or "output"), within limits it to one inner object.
func (u *usageText) read(text, side, within string) {
	for o := (objText{s: text}); ; {
		name, value, _, ok := o.next()
		if !ok {
			return
		}
		parent := o.parent()
		if within != "" && parent != within {
			continue
		}
		if parent == "" {
			parent = side
		}
		if name == "total_cost" && parent == "cost" {
			u.cost = value
		}
		n, known := usageSlot(parent, name)
		if !known || u.have[n] {
			continue
		}
		v, ok := parseCount(value)
		if !ok {
			continue
		}
		u.counts[n], u.have[n] = v, true
		u.buckets = u.buckets || name == "input" || name == "output"
		u.beside = u.beside || name == "cache_read_input_tokens" || name == "cache_creation_input_tokens"
	}
}

// include adds the parts of both sides to their totals.
func (u *usageText) include() {
	c := &u.counts
	c[nInput] += c[nCacheRead] + max(c[nCacheWrite], c[nCacheWrite5m]+c[nCacheWrite1h]) + c[nInAudio] + c[nInImage]
	c[nOutput] += c[nReasoning] + c[nOutAudio] + c[nOutImage]
}

// into hands the counts to the scan; attributes that said the same stand.
func (u *usageText) into(s *scan) {
	for n := range u.counts {
		if u.have[n] {
			s.setCount(slot(n), u.counts[n])
		}
	}
}

// requestParams reads the shape of the request from a parameter object, and
// the model that was asked for.
func (s *scan) requestParams(text string) {
	for o := (objText{s: text}); ; {
		name, value, _, ok := o.next()
		if !ok {
			return
		}
		if o.depth != 1 {
			continue
		}
		switch name {
		case "model", "model_name", "modelId":
			s.setText(sRequestModel, value)
		case "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens":
			if n, ok := parseCount(value); ok {
				s.setCount(nMaxTokens, n)
			}
		case "temperature":
			s.setText(sTemperature, value)
		case "stream":
			s.setText(sStreaming, value)
		case "quality", "resolution":
			s.setText(sQuality, value)
		}
	}
}

// promptObject reads name and version of the first prompt template that a
// value names: an object, or a list of them.
func (s *scan) promptObject(text string) {
	for o := (objText{s: text}); ; {
		name, value, _, ok := o.next()
		if !ok {
			return
		}
		switch name {
		case "name":
			s.setText(sPrompt, value)
		case "version":
			s.setText(sPromptVersion, value)
		}
	}
}

// costText is the total of a cost object, "" where it has none.
func costText(text string) string {
	for o := (objText{s: text}); ; {
		name, value, _, ok := o.next()
		if !ok {
			return ""
		}
		if o.depth == 1 && (name == "total" || name == "total_cost") {
			return value
		}
	}
}
