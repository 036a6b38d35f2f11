package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// parseUsage reads "input=10,output=20"; the names are those of buckets and units.
func parseUsage(s string) (u llm.Usage, err error) {
	counts := map[string]int64{}
	for part := range strings.SplitSeq(s, ",") {
		name, digits, ok := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.ParseInt(digits, 10, 64)
		if !ok || err != nil {
			return u, fmt.Errorf("%q: want name=count, and the count as a whole number", part)
		}
		if _, twice := counts[name]; twice {
			return u, fmt.Errorf("%s is counted twice", name)
		}
		counts[name] = n
	}
	return usageOf(counts)
}

// usageOf makes a usage of counts by name.
func usageOf(counts map[string]int64) (llm.Usage, error) {
	u := llm.Usage{Known: true}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		n := counts[name]
		item, ok := price.ParseItem(name)
		switch {
		case n < 0:
			return u, fmt.Errorf("usage %s=%d: is less than nothing", name, n)
		case !ok || item >= price.PerRequest: // fees count themselves
			return u, fmt.Errorf("usage %q: nothing of that name is counted; there is %s", name, strings.Join(counted(), ", "))
		case item.IsTokens():
			u.Tokens[item] = n
		default:
			u.Units[item-price.Units(0)] = n
		}
	}
	return u, nil
}

// counted are the names that a usage may give.
func counted() (names []string) {
	for item := price.Item(0); item < price.PerRequest; item++ {
		names = append(names, item.String())
	}
	return names
}
