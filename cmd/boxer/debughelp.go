package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"boxer/runtime/knob"
)

// newDebugHelp is a help topic: `boxer help debug`.
func newDebugHelp() *cobra.Command {
	c := &cobra.Command{
		Use:   "debug",
		Short: "How to see what a box does: the switches of " + environmentKnob,
	}
	c.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "%s holds switches, separated by commas; what they print goes to standard error:\n\n", environmentKnob)
		fmt.Fprintf(out, "    %s=strace boxer run IMAGE\n\n", environmentKnob)
		for _, k := range knob.All() {
			fmt.Fprintf(out, "  %-12s %s\n", k.Name(), k.Purpose())
		}
	})
	return c
}
