package fleet

import "unsafe"

// unsafeString lends the memory of b, as a decoded span does.
func unsafeString(b []byte) string { return unsafe.String(&b[0], len(b)) }
