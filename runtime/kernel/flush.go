package kernel

import (
	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// Writing back where that takes long (wasmfs.FlushFS): the call starts a
// flush and its task parks until the flush is over. As in Linux nothing but the
// process's end interrupts it, so that no program is told that data is stored when
// only a signal came.

// flushing is a call's wait for flushes.
type flushing struct {
	on     bool   // a flush was asked for
	at     int    // file systems that are done
	ticket uint64 // of the flush of the next one; 0: not asked for yet
	errno  abi.Errno
}

// Flushing reports whether the call in progress waits in Flush already: what
// it did before must not be done again.
func (t *Task) Flushing() bool { return t.sys.flush.on }

// Flush writes back what the file systems have, one after the other, and returns the
// first error. It may return Blocked, and continues at the next attempt.
func (t *Task) Flush(list ...wasmfs.FS) abi.Errno {
	w := &t.sys.flush
	w.on = true
	for w.at < len(list) {
		var err error
		switch fs := list[w.at].(type) {
		case wasmfs.FlushFS:
			if w.ticket == 0 {
				t.k.listen(fs)
				w.ticket = fs.Flush()
			}
			if w.ticket != 0 {
				done, ferr := fs.Flushed(w.ticket)
				if !done {
					return t.blockDeep(&t.k.flushes)
				}
				err = ferr
			}
		case wasmfs.SyncFS:
			err = fs.Sync()
		}
		if w.errno == 0 {
			w.errno = errnoOf(err)
		}
		w.at++
		w.ticket = 0
	}
	return w.errno
}

// FlushAll is Flush for every file system that is mounted.
func (t *Task) FlushAll() abi.Errno { return t.Flush(t.k.cfg.Files.Systems()...) }

// listen has tasks woken when a flush of fs ends.
func (k *Kernel) listen(fs wasmfs.FlushFS) {
	if k.listening[fs] {
		return
	}
	if k.listening == nil {
		k.listening = map[wasmfs.FlushFS]bool{}
	}
	k.listening[fs] = true
	fs.OnFlush(func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.flushes.Wake()
	})
}

// blockDeep is Block for what no signal interrupts. A task that one wakes
// finds its call unfinished and parks again.
func (t *Task) blockDeep(q *WaitQueue) abi.Errno {
	if t.p.exiting {
		return ERESTARTNOINTR // and never made again
	}
	if !t.space.fastCall {
		t.park([]*WaitQueue{q})
	}
	return Blocked
}

// synced ends a call that wrote n bytes to d: they are on stable storage before it
// returns where the description was opened so (O_SYNC, O_DSYNC) or always is set.
func (t *Task) synced(d *Description, n uint64, errno abi.Errno, always bool) (uint64, abi.Errno) {
	if errno != 0 || n == 0 || !always && d.Flags&abi.O_DSYNC == 0 || d.Path.IsZero() {
		return n, errno
	}
	t.sys.Done = int64(n)
	return t.syncedAgain(d)
}

// syncedAgain is synced at later attempts.
func (t *Task) syncedAgain(d *Description) (uint64, abi.Errno) {
	if errno := t.Flush(d.Path.Mount.FS()); errno != 0 {
		return 0, errno
	}
	return uint64(t.sys.Done), 0
}

// FastCall reports whether a call is being served from inside guest code, where
// nothing may wait. It is asked in the goroutine of that call: with
// Config.Serial there is only one.
func (k *Kernel) FastCall() bool { return k.fastCalls.Load() > 0 }
