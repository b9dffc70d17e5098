package syscalls

import (
	"slices"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

func sysGetuid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno)  { return uint64(t.Cred().UID), 0 }
func sysGeteuid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) { return uint64(t.Cred().EUID), 0 }
func sysGetgid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno)  { return uint64(t.Cred().GID), 0 }
func sysGetegid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) { return uint64(t.Cred().EGID), 0 }

// three writes three ids (getresuid(2), getresgid(2)).
func three(t *kernel.Task, a *[6]uint64, ids [3]uint32) (uint64, abi.Errno) {
	for i, id := range ids {
		if err := t.MM().WriteU32(a[i], id); err != nil {
			return 0, errnoOf(err)
		}
	}
	return 0, 0
}

func sysGetresuid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	c := t.Cred()
	return three(t, a, [3]uint32{c.UID, c.EUID, c.SUID})
}

func sysGetresgid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	c := t.Cred()
	return three(t, a, [3]uint32{c.GID, c.EGID, c.SGID})
}

// keep is −1: the id stays as it is.
const keep = ^uint32(0)

// pick is the new value of an id: EPERM unless it is one of allowed or the
// capability is there.
func pick(want, now uint32, capable bool, allowed ...uint32) (uint32, abi.Errno) {
	switch {
	case want == keep:
		return now, 0
	case capable || slices.Contains(allowed, want):
		return want, 0
	}
	return 0, abi.EPERM
}

// setIDs sets real, effective and saved user ids, or group ids.
func setIDs(t *kernel.Task, group bool, r, e, s uint32, allowedR, allowedE, allowedS func(c *kernel.Cred) []uint32) (uint64, abi.Errno) {
	c := *t.Cred()
	ids := [3]*uint32{&c.UID, &c.EUID, &c.SUID}
	capable, fsid := c.Has(kernel.CapSetUID), &c.FSUID
	if group {
		ids = [3]*uint32{&c.GID, &c.EGID, &c.SGID}
		capable, fsid = c.Has(kernel.CapSetGID), &c.FSGID
	}
	old := *t.Cred()
	var next [3]uint32
	for i, want := range [3]uint32{r, e, s} {
		allowed := [3]func(*kernel.Cred) []uint32{allowedR, allowedE, allowedS}[i](&old)
		v, errno := pick(want, *ids[i], capable, allowed...)
		if errno != 0 {
			return 0, errno
		}
		next[i] = v
	}
	for i := range ids {
		*ids[i] = next[i]
	}
	*fsid = next[1]
	t.SetCred(&c)
	return 0, 0
}

func users(c *kernel.Cred) []uint32  { return []uint32{c.UID, c.EUID, c.SUID} }
func groups(c *kernel.Cred) []uint32 { return []uint32{c.GID, c.EGID, c.SGID} }

func sysSetresuid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return setIDs(t, false, uint32(a[0]), uint32(a[1]), uint32(a[2]), users, users, users)
}

func sysSetresgid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return setIDs(t, true, uint32(a[0]), uint32(a[1]), uint32(a[2]), groups, groups, groups)
}

// sysSetreuid is setreuid(2): setting the real id, or an effective id other
// than it, moves the saved one along.
func sysSetreuid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	r, e, s := uint32(a[0]), uint32(a[1]), keep
	if r != keep || e != keep && e != t.Cred().UID {
		if s = e; e == keep {
			s = t.Cred().EUID
		}
	}
	return setIDs(t, false, r, e, s,
		func(c *kernel.Cred) []uint32 { return []uint32{c.UID, c.EUID} }, users,
		func(*kernel.Cred) []uint32 { return []uint32{s} })
}

func sysSetregid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	r, e, s := uint32(a[0]), uint32(a[1]), keep
	if r != keep || e != keep && e != t.Cred().GID {
		if s = e; e == keep {
			s = t.Cred().EGID
		}
	}
	return setIDs(t, true, r, e, s,
		func(c *kernel.Cred) []uint32 { return []uint32{c.GID, c.EGID} }, groups,
		func(*kernel.Cred) []uint32 { return []uint32{s} })
}

// sysSetuid is setuid(2): with CAP_SETUID all three, else the effective id.
func sysSetuid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	id := uint32(a[0])
	if id == keep {
		return 0, abi.EINVAL
	}
	if t.Cred().Has(kernel.CapSetUID) {
		return setIDs(t, false, id, id, id, users, users, users)
	}
	real := func(c *kernel.Cred) []uint32 { return []uint32{c.UID, c.SUID} }
	return setIDs(t, false, keep, id, keep, users, real, users)
}

func sysSetgid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	id := uint32(a[0])
	if id == keep {
		return 0, abi.EINVAL
	}
	if t.Cred().Has(kernel.CapSetGID) {
		return setIDs(t, true, id, id, id, groups, groups, groups)
	}
	real := func(c *kernel.Cred) []uint32 { return []uint32{c.GID, c.SGID} }
	return setIDs(t, true, keep, id, keep, groups, real, groups)
}

// sysSetfsuid is setfsuid(2): it returns the id before, whatever happens.
func sysSetfsuid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	c := *t.Cred()
	old, id := c.FSUID, uint32(a[0])
	if id != keep && (c.Has(kernel.CapSetUID) || slices.Contains(users(&c), id)) {
		c.FSUID = id
		t.SetCred(&c)
	}
	return uint64(old), 0
}

func sysSetfsgid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	c := *t.Cred()
	old, id := c.FSGID, uint32(a[0])
	if id != keep && (c.Has(kernel.CapSetGID) || slices.Contains(groups(&c), id)) {
		c.FSGID = id
		t.SetCred(&c)
	}
	return uint64(old), 0
}

// maxGroups is NGROUPS_MAX.
const maxGroups = 65536

func sysGetgroups(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	g := t.Cred().Groups
	size := int(int32(a[0]))
	if size == 0 {
		return uint64(len(g)), 0
	}
	if size < len(g) {
		return 0, abi.EINVAL
	}
	b := make([]byte, 4*len(g))
	for i, id := range g {
		put32(b[4*i:], id)
	}
	return uint64(len(g)), errnoOf(t.MM().CopyOut(a[1], b))
}

func sysSetgroups(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if !t.Cred().Has(kernel.CapSetGID) {
		return 0, abi.EPERM
	}
	if a[0] > maxGroups {
		return 0, abi.EINVAL
	}
	b := make([]byte, 4*a[0])
	if err := t.MM().CopyIn(a[1], b); err != nil {
		return 0, errnoOf(err)
	}
	c := *t.Cred()
	c.Groups = make([]uint32, a[0])
	for i := range c.Groups {
		c.Groups[i] = le32(b[4*i:])
	}
	t.SetCred(&c)
	return 0, 0
}

// Versions of capget(2)'s header; the second and third have two words each.
const (
	capV1 = 0x19980330
	capV2 = 0x20071026
	capV3 = 0x20080522
)

// capHeader reads the header of capget(2): the number of words, 0 when the version is
// unknown, in which case it writes the one it knows.
func capHeader(t *kernel.Task, addr uint64) (words int, target *kernel.Task, errno abi.Errno) {
	version, err := t.MM().ReadU32(addr)
	if err != nil {
		return 0, nil, errnoOf(err)
	}
	switch version {
	case capV1:
		words = 1
	case capV2, capV3:
		words = 2
	default:
		if err := t.MM().WriteU32(addr, capV3); err != nil {
			return 0, nil, errnoOf(err)
		}
		return 0, nil, abi.EINVAL
	}
	pid, err := t.MM().ReadU32(addr + 4)
	if err != nil {
		return 0, nil, errnoOf(err)
	}
	target, errno = thread(t, uint64(pid))
	return words, target, errno
}

func sysCapget(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	words, target, errno := capHeader(t, a[0])
	if errno == abi.EINVAL && a[1] == 0 {
		return 0, 0 // a question for the version
	}
	if errno != 0 {
		return 0, errno
	}
	c := target.Cred()
	var b [24]byte
	for i := range words {
		put32(b[12*i:], uint32(c.Caps>>(32*i)))
		put32(b[12*i+4:], uint32(c.Permitted>>(32*i)))
		put32(b[12*i+8:], uint32(c.Inheritable>>(32*i)))
	}
	return result(t.MM().CopyOut(a[1], b[:12*words]))
}

func sysCapset(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	words, target, errno := capHeader(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	if target != t {
		return 0, abi.EPERM
	}
	var b [24]byte
	if err := t.MM().CopyIn(a[1], b[:12*words]); err != nil {
		return 0, errnoOf(err)
	}
	var eff, perm, inh uint64
	for i := range words {
		eff |= uint64(le32(b[12*i:])) << (32 * i)
		perm |= uint64(le32(b[12*i+4:])) << (32 * i)
		inh |= uint64(le32(b[12*i+8:])) << (32 * i)
	}
	c := *t.Cred()
	if perm&^c.Permitted != 0 || eff&^perm != 0 || inh&^(c.Inheritable|c.Permitted|c.Bounding) != 0 {
		return 0, abi.EPERM
	}
	c.Caps, c.Permitted, c.Inheritable = eff, perm, inh
	t.SetCred(&c)
	return 0, 0
}
