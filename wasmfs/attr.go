package wasmfs

import (
	"strings"

	"boxer/runtime/abi"
)

// Stat is fstat(2) and statx(2) of a resolved or open place.
func (p Path) Stat() (abi.Stat, error) {
	st, err := p.Node.Stat()
	if err != nil {
		return st, err
	}
	if st.Dev == 0 {
		st.Dev = p.Mount.dev
	}
	st.MountID = p.Mount.id
	return st, nil
}

// Statfs is fstatfs(2).
func (p Path) Statfs() abi.Statfs {
	st := abi.Statfs{Type: abi.ANON_MAGIC, Bsize: 4096, Frsize: 4096, Namelen: abi.NameMax}
	if s, ok := p.Mount.fs.(StatFS); ok {
		st = s.Statfs()
	}
	st.Fsid = p.Mount.dev
	st.Flags |= int64(p.Mount.Flags())
	return st
}

// Access is faccessat2(2) on a resolved place: mode is F_OK or a set of R_OK,
// W_OK, X_OK. c holds the real ids unless AT_EACCESS was given.
func (p Path) Access(c *Cred, mode uint32) error {
	if mode&^7 != 0 {
		return abi.EINVAL
	}
	st, err := p.Node.Stat()
	if err != nil {
		return err
	}
	if mode&abi.W_OK != 0 {
		switch p.Node.Type() {
		case abi.S_IFREG, abi.S_IFDIR, abi.S_IFLNK:
			if err := p.Mount.writable(); err != nil {
				return err
			}
		}
	}
	if mode&abi.X_OK != 0 && p.Node.Type() == abi.S_IFREG && p.Mount.Flags()&abi.ST_NOEXEC != 0 {
		return abi.EACCES
	}
	return Permission(&st, c, mode)
}

// setAttr sets attributes after the caller's checks.
func (p Path) setAttr(a Attr) error {
	if err := p.Mount.writable(); err != nil {
		return err
	}
	n, ok := p.Node.(AttrNode)
	if !ok {
		return abi.EPERM
	}
	return n.SetAttr(a)
}

// Chmod is fchmod(2): the owner or root (EPERM). A symbolic link's mode cannot
// be changed (EOPNOTSUPP).
func (p Path) Chmod(c *Cred, mode uint32) error {
	st, err := p.Node.Stat()
	if err != nil {
		return err
	}
	if p.Node.Type() == abi.S_IFLNK {
		return abi.EOPNOTSUPP
	}
	if !Owner(&st, c) {
		return abi.EPERM
	}
	mode &= 0o7777
	if !c.Capable && !c.In(st.GID) {
		mode &^= abi.S_ISGID
	}
	return p.setAttr(Attr{Set: SetMode, Mode: mode})
}

// KeepID stands for an id that Chown leaves as it is, −1 in chown(2).
const KeepID = ^uint32(0)

// Chown is fchownat(2) on a resolved place. Only root gives files away; an
// owner may choose among its own groups (EPERM). setuid and setgid bits of
// what is no directory are cleared.
func (p Path) Chown(c *Cred, uid, gid uint32) error {
	st, err := p.Node.Stat()
	if err != nil {
		return err
	}
	a := Attr{}
	if uid != KeepID {
		if !c.Capable && (c.UID != st.UID || uid != st.UID) {
			return abi.EPERM
		}
		a.Set, a.UID = a.Set|SetUID, uid
	}
	if gid != KeepID {
		if !c.Capable && (c.UID != st.UID || gid != st.GID && !c.In(gid)) {
			return abi.EPERM
		}
		a.Set, a.GID = a.Set|SetGID, gid
	}
	if st.Mode&abi.S_IFMT != abi.S_IFDIR {
		if mode := dropSetID(st.Mode); mode != st.Mode {
			a.Set, a.Mode = a.Set|SetMode, mode&0o7777
		}
	}
	return p.setAttr(a)
}

// dropSetID is a mode without what a changed owner or changed contents must
// not keep: setuid, and setgid where the group may execute.
func dropSetID(mode uint32) uint32 {
	mode &^= abi.S_ISUID
	if mode&abi.S_IXGRP != 0 {
		mode &^= abi.S_ISGID
	}
	return mode
}

// DropSetID is the mode that a file has once somebody without CAP_FSETID wrote to it.
func DropSetID(mode uint32) uint32 { return dropSetID(mode) }

// SetTimes is utimensat(2) on a resolved place. Set in a tells which times are
// given and which are to be now. Both now needs only write permission (EACCES);
// everything else needs the owner (EPERM).
func (p Path) SetTimes(c *Cred, a Attr) error {
	a.Set &= SetAtime | SetMtime | SetAtimeNow | SetMtimeNow
	if a.Set == 0 {
		return nil
	}
	st, err := p.Node.Stat()
	if err != nil {
		return err
	}
	if !Owner(&st, c) {
		if a.Set != SetAtimeNow|SetMtimeNow {
			return abi.EPERM
		}
		if err := Permission(&st, c, abi.W_OK); err != nil {
			return err
		}
	}
	return p.setAttr(a)
}

// Truncate is truncate(2) on a resolved place; an open File has a method of its own.
func (ns *Namespace) Truncate(env *Env, p Path, size int64) error {
	switch p.Node.Type() {
	case abi.S_IFREG:
	case abi.S_IFDIR:
		return abi.EISDIR
	default:
		return abi.EINVAL
	}
	if size < 0 {
		return abi.EINVAL
	}
	f, err := ns.OpenPath(env, p, abi.O_WRONLY)
	if err != nil {
		return err
	}
	t, ok := f.(TruncateFile)
	if !ok {
		if f != nil {
			f.Close()
		}
		return abi.EINVAL
	}
	err = t.Truncate(size)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// Getxattr is fgetxattr(2).
func (p Path) Getxattr(c *Cred, name string) ([]byte, error) {
	x, err := p.xattr(c, name, abi.R_OK)
	if err != nil {
		return nil, err
	}
	return x.Getxattr(name)
}

// Listxattr is flistxattr(2); trusted attributes are shown to root only.
func (p Path) Listxattr(c *Cred) ([]string, error) {
	x, ok := p.Node.(XattrNode)
	if !ok {
		return nil, nil
	}
	names, err := x.Listxattr()
	if err != nil || c.Capable {
		return names, err
	}
	var shown []string
	for _, n := range names {
		if !strings.HasPrefix(n, "trusted.") {
			shown = append(shown, n)
		}
	}
	return shown, nil
}

// Setxattr is fsetxattr(2).
func (p Path) Setxattr(c *Cred, name string, value []byte, flags int) error {
	if flags&^(abi.XATTR_CREATE|abi.XATTR_REPLACE) != 0 {
		return abi.EINVAL
	}
	if len(value) > abi.XattrSizeMax {
		return abi.E2BIG
	}
	x, err := p.xattr(c, name, abi.W_OK)
	if err != nil {
		return err
	}
	return x.Setxattr(name, value, flags)
}

// Removexattr is fremovexattr(2).
func (p Path) Removexattr(c *Cred, name string) error {
	x, err := p.xattr(c, name, abi.W_OK)
	if err != nil {
		return err
	}
	return x.Removexattr(name)
}

// xattr checks that an attribute may be read (R_OK) or changed (W_OK), by the
// rules of its name space, xattr(7). POSIX ACLs are not kept (EOPNOTSUPP).
func (p Path) xattr(c *Cred, name string, want uint32) (XattrNode, error) {
	if name == "" || len(name) > abi.XattrNameMax {
		return nil, abi.ERANGE
	}
	x, ok := p.Node.(XattrNode)
	if !ok {
		return nil, abi.EOPNOTSUPP
	}
	write := want&abi.W_OK != 0
	if write {
		if err := p.Mount.writable(); err != nil {
			return nil, err
		}
	}
	absent := error(abi.ENODATA)
	if write {
		absent = abi.EPERM
	}
	space, rest, _ := strings.Cut(name, ".")
	switch {
	case rest == "":
		return nil, abi.EOPNOTSUPP
	case space == "user":
		if t := p.Node.Type(); t != abi.S_IFREG && t != abi.S_IFDIR {
			return nil, absent
		}
		st, err := p.Node.Stat()
		if err != nil {
			return nil, err
		}
		if write && p.Node.Type() == abi.S_IFDIR && st.Mode&abi.S_ISVTX != 0 && !Owner(&st, c) {
			return nil, abi.EPERM
		}
		return x, Permission(&st, c, want)
	case space == "trusted":
		if !c.Capable {
			return nil, absent
		}
	case space == "security":
		if write && !c.Capable {
			return nil, abi.EPERM
		}
	default:
		return nil, abi.EOPNOTSUPP
	}
	return x, nil
}
