//go:build !linux

package filter

import (
	"io"
	"net"
)

// acknowledging returns c: only Linux lets a reader hasten acknowledgements.
func acknowledging(c net.Conn) io.Reader { return c }
