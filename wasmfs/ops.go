package wasmfs

import "boxer/runtime/abi"

// last walks to the directory of path's last name, for calls that make, remove
// or rename it.
func (ns *Namespace) last(env *Env, at Path, path string) (walker, string, error) {
	w, err := ns.walker(env, at, path, 0)
	if err != nil {
		return walker{}, "", err
	}
	name, err := w.parent()
	if err != nil {
		return walker{}, "", err
	}
	return w, name, nil
}

// makeAt makes a node by a new name. Existence is told before permissions, and
// a slash at the end is right for directories only.
func (ns *Namespace) makeAt(env *Env, at Path, path string, a MakeAttr) (Path, error) {
	w, name, err := ns.last(env, at, path)
	if err != nil {
		return Path{}, err
	}
	if err := w.free(name, a.Mode&abi.S_IFMT == abi.S_IFDIR); err != nil {
		return Path{}, err
	}
	return w.make(name, a)
}

// free checks that a name can be made in w.cur: EEXIST, or ENOENT for a slash
// behind what is to be no directory.
func (w *walker) free(name string, dir bool) error {
	_, err := w.lookup(name)
	switch {
	case err == nil:
		return abi.EEXIST
	case err != abi.ENOENT:
		return err
	case w.slash && !dir:
		return abi.ENOENT
	}
	return nil
}

// Mkdir is mkdirat(2).
func (ns *Namespace) Mkdir(env *Env, at Path, path string, mode uint32) error {
	_, err := ns.makeAt(env, at, path, MakeAttr{Mode: abi.S_IFDIR | mode&0o1777&^env.Umask})
	return err
}

// Mknod is mknodat(2); a mode without a type makes a regular file. The Path
// serves bind(2), which needs the socket's node.
func (ns *Namespace) Mknod(env *Env, at Path, path string, mode uint32, dev uint64) (Path, error) {
	switch mode & abi.S_IFMT {
	case 0:
		mode |= abi.S_IFREG
	case abi.S_IFREG, abi.S_IFIFO, abi.S_IFSOCK:
	case abi.S_IFCHR, abi.S_IFBLK:
		if !env.Cred.Capable {
			return Path{}, abi.EPERM
		}
	case abi.S_IFDIR:
		return Path{}, abi.EPERM
	default:
		return Path{}, abi.EINVAL
	}
	return ns.makeAt(env, at, path, MakeAttr{Mode: mode & (abi.S_IFMT | 0o7777) &^ env.Umask, Rdev: dev})
}

// Symlink is symlinkat(2).
func (ns *Namespace) Symlink(env *Env, target string, at Path, path string) error {
	switch {
	case target == "":
		return abi.ENOENT
	case len(target) >= abi.PathMax:
		return abi.ENAMETOOLONG
	}
	_, err := ns.makeAt(env, at, path, MakeAttr{Mode: abi.S_IFLNK | 0o777, Target: target})
	return err
}

// Link is linkat(2) once the old path is resolved.
func (ns *Namespace) Link(env *Env, old Path, at Path, path string) error {
	w, name, err := ns.last(env, at, path)
	if err != nil {
		return err
	}
	if err := w.free(name, false); err != nil {
		return err
	}
	switch {
	case old.Mount != w.cur.Mount:
		return abi.EXDEV
	case old.Node.Type() == abi.S_IFDIR:
		return abi.EPERM
	}
	if err := w.cur.mayChange(env.Cred); err != nil {
		return err
	}
	d, ok := w.cur.Node.(LinkNode)
	if !ok {
		return abi.EPERM
	}
	return d.Link(env.Cred, name, old.Node)
}

// Unlink is unlinkat(2) with flags 0.
func (ns *Namespace) Unlink(env *Env, at Path, path string) error {
	return ns.remove(env, at, path, false)
}

// Rmdir is unlinkat(2) with AT_REMOVEDIR.
func (ns *Namespace) Rmdir(env *Env, at Path, path string) error {
	return ns.remove(env, at, path, true)
}

func (ns *Namespace) remove(env *Env, at Path, path string, dir bool) error {
	w, name, err := ns.last(env, at, path)
	if err != nil {
		return err
	}
	switch {
	case name == "." && w.cur.Same(w.root):
		if dir {
			return abi.EBUSY
		}
		return abi.EISDIR
	case name == "." && dir:
		return abi.EINVAL
	case name == ".." && dir:
		return abi.ENOTEMPTY
	case name == "." || name == "..":
		return abi.EISDIR
	}
	if err := w.cur.Mount.writable(); err != nil {
		return err
	}
	n, err := w.victim(name)
	if err != nil {
		return err
	}
	if w.slash && !dir {
		if n.Type() == abi.S_IFDIR {
			return abi.EISDIR
		}
		return abi.ENOTDIR
	}
	if err := w.cur.mayChange(env.Cred); err != nil {
		return err
	}
	if w.cur.Mount.covered(n) {
		return abi.EBUSY
	}
	d, ok := w.cur.Node.(UnlinkNode)
	if !ok {
		return abi.EPERM
	}
	return d.Unlink(env.Cred, name, dir)
}

// victim finds the node behind a name itself, not what is mounted on it.
func (w *walker) victim(name string) (Node, error) {
	if len(name) > abi.NameMax {
		return nil, abi.ENAMETOOLONG
	}
	d, ok := w.cur.Node.(LookupNode)
	if !ok {
		return nil, abi.ENOENT
	}
	return d.Lookup(name)
}

// Rename is renameat2(2).
func (ns *Namespace) Rename(env *Env, oldAt Path, old string, newAt Path, new string, flags uint32) error {
	if flags&^(abi.RENAME_NOREPLACE|abi.RENAME_EXCHANGE) != 0 ||
		flags == abi.RENAME_NOREPLACE|abi.RENAME_EXCHANGE {
		return abi.EINVAL
	}
	from, name, err := ns.last(env, oldAt, old)
	if err != nil {
		return err
	}
	to, toName, err := ns.last(env, newAt, new)
	if err != nil {
		return err
	}
	if from.cur.Mount != to.cur.Mount {
		return abi.EXDEV
	}
	if name == "." || name == ".." {
		return abi.EBUSY
	}
	if toName == "." || toName == ".." {
		if flags&abi.RENAME_NOREPLACE != 0 {
			return abi.EEXIST
		}
		return abi.EBUSY
	}
	if err := from.cur.Mount.writable(); err != nil {
		return err
	}
	n, err := from.victim(name)
	if err != nil {
		return err
	}
	victim, err := to.victim(toName)
	switch {
	case err == abi.ENOENT && flags&abi.RENAME_EXCHANGE == 0:
		victim = nil
	case err != nil:
		return err
	case flags&abi.RENAME_NOREPLACE != 0:
		return abi.EEXIST
	}
	// A slash behind a name asks for a directory; an exchange asks on both sides.
	if n.Type() != abi.S_IFDIR {
		if from.slash || to.slash && flags&abi.RENAME_EXCHANGE == 0 {
			return abi.ENOTDIR
		}
	}
	if flags&abi.RENAME_EXCHANGE != 0 && to.slash && victim.Type() != abi.S_IFDIR {
		return abi.ENOTDIR
	}
	// Linux tells a loop, and does nothing for two names of one file, before
	// it looks at permissions; the FS makes sure of both once more.
	switch {
	case within(to.cur.Node, n):
		return abi.EINVAL
	case victim != nil && within(from.cur.Node, victim):
		if flags&abi.RENAME_EXCHANGE != 0 {
			return abi.EINVAL
		}
		return abi.ENOTEMPTY
	case victim == n:
		return nil
	}
	for _, dir := range []Path{from.cur, to.cur} {
		if err := dir.mayChange(env.Cred); err != nil {
			return err
		}
	}
	m := from.cur.Mount
	if m.covered(n) || victim != nil && m.covered(victim) {
		return abi.EBUSY
	}
	d, ok := from.cur.Node.(RenameNode)
	if !ok {
		return abi.EPERM
	}
	return d.Rename(env.Cred, name, to.cur.Node, toName, flags)
}

// within reports whether directory dir is top or lies below it.
func within(dir, top Node) bool {
	if top.Type() != abi.S_IFDIR {
		return false
	}
	for range maxDepth {
		if dir == top {
			return true
		}
		pn, ok := dir.(ParentNode)
		if !ok {
			return false
		}
		up, _, _ := pn.Parent()
		if up == dir {
			return false
		}
		dir = up
	}
	return false
}

// Readlink is readlinkat(2) on a resolved place (NoFollow, Empty).
func (ns *Namespace) Readlink(env *Env, p Path) (string, error) {
	l, ok := p.Node.(ReadlinkNode)
	if !ok {
		return "", abi.EINVAL
	}
	return l.Readlink(env)
}
