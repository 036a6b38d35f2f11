package llm

// Bucket is one of the disjoint classes that the tokens of a call fall into.
// Every token is in exactly one bucket, so buckets may be added.
type Bucket uint8

// The buckets. Which one lends its price to a bucket that has none of its own
// is for the price list to say; text input and output are the roots.
const (
	Input        Bucket = iota // uncached text input
	CacheRead                  // text input read from a prompt cache
	CacheWrite                 // text input written to a cache, 5 minutes or no word on how long
	CacheWrite1h               // text input written to a cache for an hour
	InputAudio
	CacheReadAudio
	InputImage
	CacheReadImage
	InputVideo
	Output    // text output the user sees
	Reasoning // output spent on reasoning
	OutputAudio
	OutputImage
	OutputVideo
	Citation // citation tokens of search models
	NumBuckets
)

var bucketNames = [NumBuckets]string{
	"input", "cache_read", "cache_write", "cache_write_1h", "input_audio", "cache_read_audio",
	"input_image", "cache_read_image", "input_video", "output", "reasoning", "output_audio",
	"output_image", "output_video", "citation",
}

func (b Bucket) String() string { return nameOf(bucketNames[:], int(b)) }

// IsInput reports whether the bucket counts towards total input, which
// selects context tiers.
func (b Bucket) IsInput() bool { return b < Output }

// Unit is a countable thing other than a token that providers bill.
type Unit uint8

// The units. Seconds are kept in milliseconds and pixels as they are, so that
// every count is an integer.
const (
	WebSearches Unit = iota
	FileSearches
	CodeExecutions
	ToolCalls // other provider-side tool fees
	InputImages
	OutputImages
	OutputPixels
	InputPixels
	InputAudioMillis
	OutputAudioMillis
	InputVideoMillis
	OutputVideoMillis
	InputCharacters
	OutputCharacters
	Pages
	RerankSearches
	NumUnits
)

var unitNames = [NumUnits]string{
	"web_searches", "file_searches", "code_executions", "tool_calls", "input_images", "output_images",
	"output_pixels", "input_pixels", "input_audio_ms", "output_audio_ms", "input_video_ms", "output_video_ms",
	"input_characters", "output_characters", "pages", "rerank_searches",
}

func (u Unit) String() string { return nameOf(unitNames[:], int(u)) }

// Usage is what one call consumed. The zero value means that the span said
// nothing, which is not the same as nothing consumed: see Known.
type Usage struct {
	Tokens [NumBuckets]int64
	Units  [NumUnits]int64
	// Known is set once the span reported any usage, zeros included.
	Known bool
	// Partial is set where a generating call reported only one side, input or
	// output: what is known is a lower bound of what was used.
	Partial bool
}

// TotalInput is the number of input tokens, cached ones included: the figure
// that context tiers are chosen by.
func (u *Usage) TotalInput() int64 {
	var n int64
	for b := Input; b < Output; b++ {
		n += u.Tokens[b]
	}
	return n
}

// TotalOutput is the number of output tokens, reasoning included.
func (u *Usage) TotalOutput() int64 {
	var n int64
	for b := Output; b < NumBuckets; b++ {
		n += u.Tokens[b]
	}
	return n
}

// TokenBasis says how the input count of a span was read: whether cached
// tokens were inside it (reference: token semantics of the conventions).
type TokenBasis uint8

const (
	BasisInclusive TokenBasis = iota // cached tokens are part of the count
	BasisExclusive                   // cached tokens come on top
	BasisAssumed                     // no proof and no table entry: taken as inclusive
)

var basisNames = [...]string{"inclusive", "exclusive", "assumed"}

func (b TokenBasis) String() string { return nameOf(basisNames[:], int(b)) }
