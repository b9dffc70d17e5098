package kernel

// A WaitQueue is a list of those who want to know that something changed, in
// the order in which they came. The zero value is an empty queue. Most objects
// have one queue for all changes: a woken task tries again anyhow.
type WaitQueue struct{ head, tail *waiter }

// A waiter is one place in a WaitQueue. Either task is woken and taken off all
// its queues, or fn is called and the waiter stays.
type waiter struct {
	q          *WaitQueue
	next, prev *waiter
	task       *Task
	fn         func()
}

func (q *WaitQueue) add(w *waiter) {
	w.q, w.prev, w.next = q, q.tail, nil
	if q.tail != nil {
		q.tail.next = w
	} else {
		q.head = w
	}
	q.tail = w
}

func (w *waiter) remove() {
	q := w.q
	if q == nil {
		return
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.tail = w.prev
	}
	w.q, w.next, w.prev = nil, nil, nil
}

// Wake wakes everybody. The functions it calls must not change this queue.
func (q *WaitQueue) Wake() {
	// Waking a task takes all of its places in this queue away, so the walk
	// continues behind the last place that stays.
	var stays *waiter
	for w := q.head; w != nil; {
		if w.task != nil {
			w.task.wake()
		} else {
			w.fn()
			stays = w
		}
		if stays != nil {
			w = stays.next
		} else {
			w = q.head
		}
	}
}
