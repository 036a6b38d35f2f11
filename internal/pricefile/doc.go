// Package pricefile reads catalogue files of every supported format into price
// tables.
//
// [Parse] tells the formats apart by their shape and refuses a bad file whole,
// with the file, the line and the reason. One file per format; a new format is
// a detector in the list and a parser.
package pricefile
