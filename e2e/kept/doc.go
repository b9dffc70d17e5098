// Package kept tests what boxes in pages keep: programs that sync, tabs that
// end at the worst moment, two tabs, no room, no storage.
package kept
