package filter

import "runtime/debug"

// release is the version of a packaged program, which deploy/package has the linker
// set: -ldflags "-X councilgate/filter.release=1.2.3".
var release string

// BuildInfo returns what this program was built from, as far as that is known. The
// version is that of the package, else the one that the go command recorded.
func BuildInfo() *debug.BuildInfo {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if release != "" {
		info.Main.Version = release
	}
	return info
}
