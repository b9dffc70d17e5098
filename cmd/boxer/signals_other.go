//go:build !unix

package main

import "os"

// Where there is no SIGWINCH the box keeps the size it started with.
func notifyResize(chan os.Signal) {}

func isResize(os.Signal) bool { return false }
