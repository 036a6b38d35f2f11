package price

// glob reports whether the pattern takes the whole text; * stands for any run
// of characters, ? for one. It takes no memory and at most len(p)*len(s) steps.
func glob(p, s string) bool {
	pi, si, star, mark := 0, 0, -1, 0
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == '*':
			star, mark = pi, si
			pi++
		case pi < len(p) && (p[pi] == '?' || p[pi] == s[si]):
			pi++
			si++
		case star >= 0:
			mark++
			pi, si = star+1, mark
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == '*' {
		pi++
	}
	return pi == len(p)
}

// intersect reports whether some text is taken by both patterns; the empty
// pattern takes everything.
func intersect(a, b string) bool {
	if a == "" || b == "" {
		return true
	}
	// reach[j]: some text is taken by a[:i] and by b[:j].
	reach := make([]bool, len(b)+1)
	reach[0] = true
	for j := range len(b) {
		reach[j+1] = reach[j] && b[j] == '*'
	}
	for i := range len(a) {
		next := make([]bool, len(b)+1)
		next[0] = reach[0] && a[i] == '*'
		for j := range len(b) {
			switch {
			case a[i] == '*' || b[j] == '*':
				next[j+1] = next[j] || reach[j+1] // the star takes nothing, or one more
			case a[i] == '?' || b[j] == '?' || a[i] == b[j]:
				next[j+1] = reach[j]
			}
		}
		reach = next
	}
	return reach[len(b)]
}
