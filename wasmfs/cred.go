package wasmfs

import (
	"slices"

	"boxer/runtime/abi"
)

// Cred is who acts: the file system uid and gid, credentials(7). A Cred is
// never changed once in use; a process that changes identity makes a new one.
type Cred struct {
	UID, GID uint32
	Groups   []uint32 // supplementary
	// Capable stands for the capabilities root has over files:
	// CAP_CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD.
	Capable bool
}

// Root is the superuser.
var Root = &Cred{Capable: true}

// In reports whether gid is one of c's groups.
func (c *Cred) In(gid uint32) bool { return c.GID == gid || slices.Contains(c.Groups, gid) }

// Env is what a path means to one process. The kernel fills one in for each
// call, or keeps it with the task.
type Env struct {
	Root, Cwd Path
	Umask     uint32
	Cred      *Cred
	Caller    any // the kernel's own: which task asks, for /proc/self
}

// Permission checks want, a set of abi.R_OK, W_OK and X_OK, against a file's
// mode and owner; EACCES.
func Permission(st *abi.Stat, c *Cred, want uint32) error {
	if c.Capable {
		// Root reads and writes all, and executes what anybody may.
		if want&abi.X_OK == 0 || st.Mode&0o111 != 0 || st.Mode&abi.S_IFMT == abi.S_IFDIR {
			return nil
		}
		return abi.EACCES
	}
	bits := st.Mode
	switch {
	case st.UID == c.UID:
		bits >>= 6
	case c.In(st.GID):
		bits >>= 3
	}
	if want&^bits&7 != 0 {
		return abi.EACCES
	}
	return nil
}

// Owner reports whether c may act as the file's owner.
func Owner(st *abi.Stat, c *Cred) bool { return c.Capable || c.UID == st.UID }

// MayRemove is the sticky bit's rule, inode(7): in a sticky directory only the
// entry's owner, the directory's owner and root remove or rename an entry; EPERM.
func MayRemove(dir, victim *abi.Stat, c *Cred) error {
	if dir.Mode&abi.S_ISVTX == 0 || Owner(victim, c) || Owner(dir, c) {
		return nil
	}
	return abi.EPERM
}

// NewOwner tells owner and mode of a node that c makes in a directory: a setgid
// directory hands on its group, and its setgid bit to directories; a
// file's setgid bit goes where c is not in the group.
func NewOwner(dir *abi.Stat, c *Cred, mode uint32) (uid, gid, m uint32) {
	gid = c.GID
	if dir.Mode&abi.S_ISGID != 0 {
		gid = dir.GID
		if mode&abi.S_IFMT == abi.S_IFDIR {
			mode |= abi.S_ISGID
		} else if mode&(abi.S_ISGID|abi.S_IXGRP) == abi.S_ISGID|abi.S_IXGRP && !c.Capable && !c.In(gid) {
			mode &^= abi.S_ISGID
		}
	}
	return c.UID, gid, mode
}
