package memo

import (
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

type thing struct{ name string }

func TestTheLatestOfAPlaceIsFound(t *testing.T) {
	var m Table[string]
	a, b := &thing{}, &thing{}
	require.Nil(t, m.Get(unsafe.Pointer(a)), "nothing was put")
	for _, name := range []string{"first", "second"} {
		m.Put(unsafe.Pointer(a), &name)
		require.Equal(t, name, *m.Get(unsafe.Pointer(a)))
	}
	if place(unsafe.Pointer(a)) != place(unsafe.Pointer(b)) {
		require.Nil(t, m.Get(unsafe.Pointer(b)))
	}
}

// Law: whatever shares a place, and whoever writes at once, what is found was
// put whole.
func TestNothingIsTorn(t *testing.T) {
	var m Table[[2]int]
	things := make([]thing, 3*size)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range things {
				if v := m.Get(unsafe.Pointer(&things[i])); v != nil && v[0] != -v[1] {
					t.Errorf("torn: %v", *v)
				}
				m.Put(unsafe.Pointer(&things[i]), &[2]int{i, -i})
			}
		})
	}
	wg.Wait()
}
