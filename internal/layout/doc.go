// Package layout is for tests only: it keeps the tree as it is drawn in
// DESIGN.md section 2.
package layout
