package kernel

import "boxer/runtime/abi"

// epollDepth bounds epoll instances that watch epoll instances (epoll_ctl(2)'s
// ELOOP).
const epollDepth = 5

// epollInstance is the object of epoll_create1(2). Items whose file said that
// something changed stand in the ready list; what they are ready for is asked when
// they are reported, as in Linux.
type epollInstance struct {
	plainFile
	k     *Kernel
	q     WaitQueue
	items map[epollKey]*epollItem
	ready []*epollItem
}

// epollKey identifies an item: a descriptor number together with what it
// meant when it was added.
type epollKey struct {
	fd int32
	d  *Description
}

type epollItem struct {
	ep     *epollInstance
	key    epollKey
	ev     abi.EpollEvent
	w      waiter
	queued bool // in ep.ready
}

// Epoll makes an epoll description.
func (k *Kernel) Epoll() *Description {
	return NewDescription(&epollInstance{k: k, items: map[epollKey]*epollItem{}}, abi.O_RDWR)
}

// epollFlags are the bits of events that say how to report.
const epollFlags = abi.EPOLLEXCLUSIVE | abi.EPOLLWAKEUP | abi.EPOLLONESHOT | abi.EPOLLET

// EpollCtl is epoll_ctl(2) on the instance behind epfd.
func (t *Task) EpollCtl(epfd int32, op int, fd int32, ev abi.EpollEvent) abi.Errno {
	epd, errno := t.FD(epfd)
	if errno != 0 {
		return errno
	}
	d, errno := t.FD(fd)
	if errno != 0 {
		return errno
	}
	ep, ok := epd.File.(*epollInstance)
	if !ok || epd == d {
		return abi.EINVAL
	}
	key := epollKey{fd, d}
	it := ep.items[key]
	switch op {
	case abi.EPOLL_CTL_ADD:
		if it != nil {
			return abi.EEXIST
		}
		return ep.add(key, ev)
	case abi.EPOLL_CTL_MOD:
		if it == nil {
			return abi.ENOENT
		}
		if it.ev.Events&abi.EPOLLEXCLUSIVE != 0 || ev.Events&abi.EPOLLEXCLUSIVE != 0 {
			return abi.EINVAL
		}
		it.ev = ev
		it.check()
		return 0
	case abi.EPOLL_CTL_DEL:
		if it == nil {
			return abi.ENOENT
		}
		ep.remove(it)
		return 0
	}
	return abi.EINVAL
}

func (ep *epollInstance) add(key epollKey, ev abi.EpollEvent) abi.Errno {
	switch f := key.d.File.(type) {
	case *treeFile:
		return abi.EPERM // regular files and directories cannot be waited for
	case *epollInstance:
		if f.depth(ep, 1) > epollDepth {
			return abi.ELOOP
		}
	}
	it := &epollItem{ep: ep, key: key, ev: ev}
	it.w.fn = it.changed
	ep.items[key] = it
	if key.d.polls == nil {
		key.d.polls = map[*epollItem]struct{}{}
	}
	key.d.polls[it] = struct{}{}
	if q := key.d.File.Queue(); q != nil {
		q.add(&it.w)
	}
	it.check()
	return 0
}

// depth is how many instances are nested below ep; more than epollDepth if
// outer is among them.
func (ep *epollInstance) depth(outer *epollInstance, n int) int {
	if ep == outer || n > epollDepth {
		return epollDepth + 1
	}
	deepest := n
	for key := range ep.items {
		if inner, ok := key.d.File.(*epollInstance); ok {
			deepest = max(deepest, inner.depth(outer, n+1))
		}
	}
	return deepest
}

func (ep *epollInstance) remove(it *epollItem) {
	it.w.remove()
	delete(ep.items, it.key)
	delete(it.key.d.polls, it)
	if it.queued {
		ep.ready = without(ep.ready, it)
	}
}

func without(list []*epollItem, it *epollItem) []*epollItem {
	for i, o := range list {
		if o == it {
			return append(list[:i], list[i+1:]...)
		}
	}
	return list
}

// now is what the item could report.
func (it *epollItem) now() uint32 {
	want := it.ev.Events &^ uint32(epollFlags)
	if want == 0 && it.ev.Events&abi.EPOLLONESHOT != 0 {
		return 0 // disarmed
	}
	return it.key.d.File.Ready(it.key.d) & (want | abi.POLLERR | abi.POLLHUP)
}

// changed is called when the file's queue is woken.
func (it *epollItem) changed() {
	if !it.queued {
		it.queued = true
		it.ep.ready = append(it.ep.ready, it)
	}
	it.ep.q.Wake()
}

// check queues the item if it is ready now.
func (it *epollItem) check() {
	if it.now() != 0 {
		it.changed()
	}
}

// collect fills out with ready items and returns how many. Items that are
// still ready afterwards and are level-triggered go to the end of the list.
func (ep *epollInstance) collect(out []abi.EpollEvent) int {
	n := 0
	list := ep.ready
	ep.ready = nil
	var again []*epollItem
	for i, it := range list {
		if n == len(out) {
			ep.ready = append(ep.ready, list[i:]...)
			break
		}
		it.queued = false
		ev := it.now()
		if ev == 0 {
			continue
		}
		out[n] = abi.EpollEvent{Events: ev, Data: it.ev.Data}
		n++
		switch {
		case it.ev.Events&abi.EPOLLONESHOT != 0:
			it.ev.Events &= uint32(epollFlags)
		case it.ev.Events&abi.EPOLLET == 0:
			it.queued = true
			again = append(again, it)
		}
	}
	ep.ready = append(ep.ready, again...)
	return n
}

// EpollWait is epoll_pwait(2) without the mask: it fills out, or waits until
// the call's deadline.
func (t *Task) EpollWait(epfd int32, out []abi.EpollEvent) (int, abi.Errno) {
	d, errno := t.FD(epfd)
	if errno != 0 {
		return 0, errno
	}
	ep, ok := d.File.(*epollInstance)
	if !ok {
		return 0, abi.EINVAL
	}
	if n := ep.collect(out); n > 0 {
		return n, 0
	}
	if t.Expired() {
		return 0, 0
	}
	return 0, t.Block(ERESTARTNOHAND, &ep.q)
}

func (ep *epollInstance) Ready(*Description) uint32 {
	for _, it := range ep.ready {
		if it.now() != 0 {
			return abi.POLLIN | abi.POLLRDNORM
		}
	}
	return 0
}

func (ep *epollInstance) Queue() *WaitQueue { return &ep.q }

func (ep *epollInstance) Stat() (abi.Stat, abi.Errno) { return ep.k.anonStat(0o600, 2) }

func (ep *epollInstance) Release(*Description) {
	for _, it := range ep.items {
		ep.remove(it)
	}
}
