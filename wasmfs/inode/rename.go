package inode

import (
	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// within reports whether d is top or lies below it. Preconditions: tree is held.
func (d *dirNode) within(top inode) bool {
	t, ok := top.(*dirNode)
	if !ok {
		return false
	}
	for {
		if d == t {
			return true
		}
		if d.parent == d || d.parent == nil {
			return false
		}
		d = d.parent
	}
}

// Rename implements wasmfs.RenameNode.
func (d *dirNode) Rename(c *wasmfs.Cred, name string, to wasmfs.Node, toName string, flags uint32) error {
	if err := checkName(toName); err != nil {
		return err
	}
	td, ok := to.(*dirNode)
	if !ok || td.fs != d.fs {
		return abi.EXDEV
	}
	err := d.wlock()
	defer d.fs.tree.Unlock()
	if err != nil {
		return err
	}
	if td.nlink.Load() == 0 {
		return abi.ENOENT
	}
	if err := td.load(); err != nil {
		return err
	}
	e := d.byName[name]
	if e == nil {
		return abi.ENOENT
	}
	n, err := d.get(e)
	if err != nil {
		return err
	}
	if td.within(n) {
		return abi.EINVAL
	}
	exchange := flags&abi.RENAME_EXCHANGE != 0
	var victim inode
	te := td.byName[toName]
	if te == nil {
		if exchange {
			return abi.ENOENT
		}
	} else {
		if flags&abi.RENAME_NOREPLACE != 0 {
			return abi.EEXIST
		}
		if victim, err = td.get(te); err != nil {
			return err
		}
		if d.within(victim) {
			if exchange {
				return abi.EINVAL
			}
			return abi.ENOTEMPTY
		}
	}
	if victim == n {
		return nil // two names of one file
	}
	if err := d.mayMove(c, n, td, victim, exchange); err != nil {
		return err
	}
	if victim != nil {
		if exchange {
			d.exchange(e, td, te)
			return nil
		}
		if sub, ok := victim.(*dirNode); ok {
			if err := sub.empty(); err != nil {
				return err
			}
		}
		// The entry stays, so that a listing under way sees the name once.
		td.unname(victim)
		b := n.base()
		te.node, te.ino, te.typ = n, b.ino, b.typ
		b.parent, b.name = td, toName
		td.markName(toName)
		d.remove(e)
	} else {
		d.remove(e)
		td.put(toName, n)
	}
	d.markName(name)
	n.base().touch(false)
	d.touch(true)
	if td != d {
		td.touch(true)
	}
	return nil
}

// mayMove checks, in Linux's order, that n may move from d to td and take
// victim's name: the sticky bits, that directories replace directories only, and
// write permission on a directory that gets another parent. victim may be nil.
func (d *dirNode) mayMove(c *wasmfs.Cred, n inode, td *dirNode, victim inode, exchange bool) error {
	if err := d.mayRemove(c, n); err != nil {
		return err
	}
	if victim != nil {
		if err := td.mayRemove(c, victim); err != nil {
			return err
		}
		switch dir, onDir := n.Type() == abi.S_IFDIR, victim.Type() == abi.S_IFDIR; {
		case exchange:
		case dir && !onDir:
			return abi.ENOTDIR
		case !dir && onDir:
			return abi.EISDIR
		}
	}
	if d == td || c.Capable {
		return nil
	}
	moving := []inode{n}
	if exchange {
		moving = append(moving, victim)
	}
	for _, m := range moving {
		if m.Type() == abi.S_IFDIR {
			st := m.base().stat()
			if err := wasmfs.Permission(&st, c, abi.W_OK); err != nil {
				return err
			}
		}
	}
	return nil
}

// exchange swaps two entries. Preconditions: tree is held for writing.
func (d *dirNode) exchange(e *entry, td *dirNode, te *entry) {
	if (e.typ == abi.S_IFDIR) != (te.typ == abi.S_IFDIR) {
		from, into := d, td
		if te.typ == abi.S_IFDIR {
			from, into = td, d
		}
		from.subdirs--
		into.subdirs++
	}
	e.node, te.node = te.node, e.node
	e.ino, te.ino = te.ino, e.ino
	e.typ, te.typ = te.typ, e.typ
	for _, at := range []struct {
		d *dirNode
		e *entry
	}{{d, e}, {td, te}} {
		b := at.e.node.base()
		b.parent, b.name = at.d, at.e.name
		b.touch(false)
		at.d.touch(true)
		at.d.markName(at.e.name)
	}
}
