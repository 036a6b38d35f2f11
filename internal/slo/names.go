package slo

func name[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return "invalid"
}

// parseName finds a word among names; first is the value of names[0].
func parseName[T ~uint8](names []string, s string, first T) (T, bool) {
	for i, n := range names {
		if n == s {
			return first + T(i), true
		}
	}
	return 0, false
}
