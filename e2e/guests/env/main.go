// Env prints what a program is started with: arguments, environment, working
// directory, user, host name and standard input.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("args:", strings.Join(os.Args[1:], "|"))
	}
	for _, v := range os.Environ() {
		fmt.Println("env:", v)
	}
	dir, err := os.Getwd()
	fmt.Println("dir:", dir, err)
	groups, err := os.Getgroups()
	fmt.Println("user:", os.Getuid(), os.Getgid(), groups, err)
	host, err := os.Hostname()
	fmt.Println("host:", host, err)
	in, err := io.ReadAll(os.Stdin)
	fmt.Printf("stdin: %q %v\n", in, err)
}
