package kernel

import "boxer/runtime/abi"

// Poll fills the Revents of fds and returns how many are not zero; when none
// is, it waits until the call's deadline (poll(2)). Negative descriptors are skipped.
func (t *Task) Poll(fds []abi.PollFD) (int, abi.Errno) {
	n := 0
	for i := range fds {
		f := &fds[i]
		f.Revents = 0
		if f.FD < 0 {
			continue
		}
		d, errno := t.FD(f.FD)
		if errno != 0 {
			f.Revents = abi.POLLNVAL
		} else {
			f.Revents = uint16(d.File.Ready(d)) & (f.Events | abi.POLLERR | abi.POLLHUP)
		}
		if f.Revents != 0 {
			n++
		}
	}
	if n > 0 || t.Expired() {
		return n, 0
	}
	queues := make([]*WaitQueue, 0, len(fds))
	for i := range fds {
		if fds[i].FD < 0 {
			continue
		}
		if d, errno := t.FD(fds[i].FD); errno == 0 {
			queues = append(queues, d.File.Queue())
		}
	}
	return 0, t.Block(ERESTARTNOHAND, queues...)
}
