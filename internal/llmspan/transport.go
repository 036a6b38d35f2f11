package llmspan

// Host is an inference endpoint of one's own.
type Host struct {
	// Name is a host name; with a leading "*." any host below it.
	Name string
	// Platform is what calls there are booked on.
	Platform string
}
