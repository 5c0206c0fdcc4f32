// Command councilgate inspects the mail that elected councillors send.
package main

import "os"

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int { return 2 }
