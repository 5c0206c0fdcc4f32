package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// examineFiles tries whether the daemon can read what its policy names, and whether
// others can read its secrets.
func examineFiles(ctx context.Context, r *report, in Installation, d daemon) {
	files := in.Files
	if in.PolicyFile != "" {
		files = append([]File{{Key: "the policy", Path: in.PolicyFile}}, files...)
	}
	readable := 0
	for _, f := range files {
		info, err := os.Stat(f.Path)
		switch {
		case errors.Is(err, fs.ErrPermission):
			r.warn(checkFiles, "sudo councilgate doctor", "This user may not look at %s (%s).", f.Path, f.Key)
			continue
		case err != nil:
			r.fail(checkFiles, "ls -l "+f.Path, "%s (%s) cannot be found.", f.Path, f.Key)
			continue
		case f.Secret && info.Mode().Perm()&0o004 != 0:
			r.warn(checkFiles, "chmod o-r "+f.Path, "%s (%s) is a secret that every user of this machine can read.", f.Path, f.Key)
		}
		if d.account == nil || d.account.reads(ctx, f.Path) {
			readable++
			continue
		}
		// The obstacle is what permission bits tell; an access list may be another.
		if o, err := d.account.obstacle(f.Path, toRead); err == nil && o != nil {
			r.fail(checkFiles, o.mend(*d.account), "councilgate, which runs as user %s, cannot read %s (%s): %v.", d.account.name, f.Path, f.Key, o)
		} else {
			r.fail(checkFiles, "ls -l "+f.Path, "councilgate, which runs as user %s, cannot read %s (%s).", d.account.name, f.Path, f.Key)
		}
	}
	switch {
	case len(files) == 0 || readable < len(files):
	case d.account == nil:
		r.ok(checkFiles, "All files that the policy names are there; whom councilgate runs as is not known.")
	default:
		r.ok(checkFiles, "User %s, whom councilgate runs as, can read all files that the policy names.", d.account.name)
	}
}
