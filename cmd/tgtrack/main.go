// Command tgtrack is the service and its tools in one binary.
package main

import (
	"os"

	"github.com/tgtrack/tgtrack/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:])) }
