package price

import "strings"

// alias follows the user's own names: what the cloud says it deployed, then
// what answered, then what was asked for where nobody answered by name.
func (s *searcher) alias() bool {
	for _, from := range [2]string{s.m.Ref.Deployment, emitted(s.m)} {
		to, ok := s.b.aliases[strings.ToLower(strings.TrimSpace(from))]
		if !ok {
			continue
		}
		return s.target(strings.ToLower(s.m.Platform), to) || s.b.prefixed(s, to)
	}
	return false
}

// prefixed reads an alias target of the form platform/id.
func (b *Book) prefixed(s *searcher, to string) bool {
	platform, id, ok := strings.Cut(to, "/")
	if !ok {
		return false
	}
	platform = Platform(platform)
	if s.target(platform, id) {
		return true
	}
	for _, from := range lenders[platform] {
		if s.target(from, id) {
			s.flag(modPlatformFallback)
			return true
		}
	}
	return false
}
