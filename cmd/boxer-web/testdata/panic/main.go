// Panic is a core that ends as no core should.
package main

func main() { panic("on purpose") }
