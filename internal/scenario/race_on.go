//go:build race

package scenario

// Race reports whether the race detector is on. With it, pools forget on
// purpose, so that allocations say nothing.
const Race = true
