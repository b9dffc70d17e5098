package wasmfs

import (
	"strings"

	"boxer/runtime/abi"
)

// WalkFlags say how a path is followed.
type WalkFlags uint32

// The low bits are openat2(2)'s RESOLVE_ flags, abi.RESOLVE_*, as they are.
const (
	NoFollow  WalkFlags = 1 << (16 + iota) // a symbolic link at the end is the result
	Directory                              // the result must be a directory (ENOTDIR)
	Empty                                  // an empty path is the starting place, AT_EMPTY_PATH

	resolveMask = abi.RESOLVE_NO_XDEV | abi.RESOLVE_NO_MAGICLINKS | abi.RESOLVE_NO_SYMLINKS |
		abi.RESOLVE_BENEATH | abi.RESOLVE_IN_ROOT | abi.RESOLVE_CACHED
)

// Resolve walks a path, path_resolution(7). Errors: ENOENT, ENOTDIR, EACCES,
// ELOOP after 40 links, ENAMETOOLONG, EXDEV and EAGAIN with RESOLVE_ flags.
func (ns *Namespace) Resolve(env *Env, at Path, path string, flags WalkFlags) (Path, error) {
	if path == "" && flags&Empty != 0 {
		if at.IsZero() {
			at = env.Cwd
		}
		if flags&Directory != 0 && at.Node.Type() != abi.S_IFDIR {
			return Path{}, abi.ENOTDIR
		}
		return at, nil
	}
	w, err := ns.walker(env, at, path, flags)
	if err != nil {
		return Path{}, err
	}
	for {
		name, err := w.parent()
		if err != nil {
			return Path{}, err
		}
		p, err := w.lookup(name)
		if err != nil {
			return Path{}, err
		}
		if p.Node.Type() == abi.S_IFLNK && (flags&NoFollow == 0 || w.slash) {
			jumped, err := w.follow(p)
			if err != nil {
				return Path{}, err
			}
			if !jumped {
				continue
			}
			p = w.cur
		}
		if (w.slash || flags&Directory != 0) && p.Node.Type() != abi.S_IFDIR {
			return Path{}, abi.ENOTDIR
		}
		return p, nil
	}
}

// walker is a walk under way. cur is a directory (or, behind a magic link, any
// place); rest is what remains to be walked.
type walker struct {
	ns    *Namespace
	env   *Env
	root  Path
	start Path // RESOLVE_BENEATH
	flags WalkFlags
	cur   Path
	rest  string
	slash bool // the name that parent returned had a slash behind it
	links int
}

func (ns *Namespace) walker(env *Env, at Path, path string, flags WalkFlags) (walker, error) {
	if path == "" {
		return walker{}, abi.ENOENT
	}
	if len(path) >= abi.PathMax {
		return walker{}, abi.ENAMETOOLONG
	}
	if at.IsZero() {
		at = env.Cwd
	}
	w := walker{ns: ns, env: env, root: env.Root, start: at, flags: flags, cur: at, rest: path}
	if flags&abi.RESOLVE_IN_ROOT != 0 {
		w.root = at
	}
	if path[0] == '/' {
		if err := w.toRoot(); err != nil {
			return walker{}, err
		}
	}
	return w, nil
}

// toRoot handles a path or link that starts with a slash.
func (w *walker) toRoot() error {
	if w.flags&abi.RESOLVE_BENEATH != 0 {
		return abi.EXDEV
	}
	if w.flags&abi.RESOLVE_NO_XDEV != 0 && w.cur.Mount != w.root.Mount {
		return abi.EXDEV
	}
	w.cur = w.root
	return nil
}

// parent walks to the directory of the last name and returns that name, "." if
// there is none ("/"). That w.cur may be searched is checked then.
func (w *walker) parent() (string, error) {
	for {
		w.rest = strings.TrimLeft(w.rest, "/")
		if w.rest == "" {
			return ".", nil
		}
		if err := w.search(); err != nil {
			return "", err
		}
		name, rest, slash := strings.Cut(w.rest, "/")
		rest = strings.TrimLeft(rest, "/")
		w.rest = rest
		if rest == "" {
			w.slash = w.slash || slash
			return name, nil
		}
		p, err := w.lookup(name)
		if err != nil {
			return "", err
		}
		if p.Node.Type() == abi.S_IFLNK {
			if _, err := w.follow(p); err != nil {
				return "", err
			}
			continue
		}
		if p.Node.Type() != abi.S_IFDIR {
			return "", abi.ENOTDIR
		}
		w.cur = p
	}
}

// lookup finds a name in w.cur. Preconditions: search allowed it.
func (w *walker) lookup(name string) (Path, error) {
	switch {
	case name == ".":
		return w.cur, nil
	case name == "..":
		return w.up()
	case len(name) > abi.NameMax:
		return Path{}, abi.ENAMETOOLONG
	}
	d, ok := w.cur.Node.(LookupNode)
	if !ok {
		return Path{}, abi.ENOENT
	}
	n, err := d.Lookup(name)
	if err != nil {
		return Path{}, err
	}
	p := w.cur.child(name, n)
	if p.Mount.covered(n) {
		if w.flags&abi.RESOLVE_NO_XDEV != 0 {
			return Path{}, abi.EXDEV
		}
		p = w.ns.topmost(p)
	}
	return p, nil
}

// search checks that w.cur is a directory in which names may be looked up.
func (w *walker) search() error {
	if w.cur.Node.Type() != abi.S_IFDIR {
		return abi.ENOTDIR
	}
	if w.env.Cred.Capable {
		return nil // spares the stat: root may search any directory
	}
	st, err := w.cur.Node.Stat()
	if err != nil {
		return err
	}
	return Permission(&st, w.env.Cred, abi.X_OK)
}

func (w *walker) up() (Path, error) {
	if w.flags&abi.RESOLVE_BENEATH != 0 && w.cur.Same(w.start) {
		return Path{}, abi.EXDEV
	}
	p, crossed := w.cur.up(w.root)
	if crossed && w.flags&abi.RESOLVE_NO_XDEV != 0 {
		return Path{}, abi.EXDEV
	}
	return w.ns.topmost(p), nil
}

// follow continues at a symbolic link's target. What was behind the link is
// walked after it. jumped: it was a magic link, and w.cur is where it led.
func (w *walker) follow(p Path) (jumped bool, err error) {
	if w.flags&abi.RESOLVE_NO_SYMLINKS != 0 {
		return false, abi.ELOOP
	}
	if w.links++; w.links > abi.SymlinksMax {
		return false, abi.ELOOP
	}
	if j, ok := p.Node.(JumpNode); ok {
		if w.flags&abi.RESOLVE_NO_MAGICLINKS != 0 {
			return false, abi.ELOOP
		}
		to, err := j.Jump(w.env)
		if err != nil {
			return false, err
		}
		if w.flags&(abi.RESOLVE_BENEATH|abi.RESOLVE_IN_ROOT) != 0 ||
			w.flags&abi.RESOLVE_NO_XDEV != 0 && to.Mount != w.cur.Mount {
			return false, abi.EXDEV
		}
		w.cur = to
		return true, nil
	}
	l, ok := p.Node.(ReadlinkNode)
	if !ok {
		return false, abi.EINVAL
	}
	target, err := l.Readlink(w.env)
	if err != nil {
		return false, err
	}
	if target == "" {
		return false, abi.ENOENT
	}
	if target[0] == '/' {
		if err := w.toRoot(); err != nil {
			return false, err
		}
	}
	if w.rest == "" {
		w.rest = target
	} else {
		w.rest = target + "/" + w.rest
	}
	return false, nil
}
