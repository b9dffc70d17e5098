package persist

import (
	"bytes"
	"maps"
	"sync"
)

// Mem is a Store in memory. Copies of it stand for what a crash leaves behind,
// and Fail for what can go wrong. It is safe for concurrent use.
type Mem struct {
	// Fail, if not nil, is asked before each operation ("get", "begin",
	// "put", "delete", "commit"); its error is the operation's.
	Fail func(op string) error

	mu   sync.Mutex
	data map[string][]byte
}

func (m *Mem) fail(op string) error {
	if m.Fail == nil {
		return nil
	}
	return m.Fail(op)
}

// Get implements Store.
func (m *Mem) Get(keys ...string) ([][]byte, error) {
	if err := m.fail("get"); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([][]byte, len(keys))
	for i, k := range keys {
		if v, ok := m.data[k]; ok {
			out[i] = append([]byte{}, v...)
		}
	}
	return out, nil
}

// Begin implements Store.
func (m *Mem) Begin() (Tx, error) {
	if err := m.fail("begin"); err != nil {
		return nil, err
	}
	return &memTx{m: m, set: map[string][]byte{}}, nil
}

// Close implements Store; the values stay.
func (m *Mem) Close() error { return nil }

// Copy is a Store that holds the same.
func (m *Mem) Copy() *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Mem{data: maps.Clone(m.data)}
}

// Each calls fn for every key, in no order.
func (m *Mem) Each(fn func(key string, value []byte)) {
	for k, v := range m.Copy().data {
		fn(k, v)
	}
}

// Set changes a value behind the FS's back; nil removes it.
func (m *Mem) Set(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, value)
}

// set sets or removes a value. Preconditions: mu is held.
func (m *Mem) set(key string, value []byte) {
	if m.data == nil {
		m.data = map[string][]byte{}
	}
	if value == nil {
		delete(m.data, key)
	} else {
		m.data[key] = value
	}
}

// memTx is a transaction of a Mem: values to set, nil to remove.
type memTx struct {
	m   *Mem
	set map[string][]byte
	add []string
}

// Put implements Tx.
func (t *memTx) Put(key string, value []byte) error {
	if err := t.m.fail("put"); err != nil {
		return err
	}
	v := bytes.Clone(value)
	if v == nil {
		v = []byte{}
	}
	t.set[key] = v
	return nil
}

// Add implements Tx.
func (t *memTx) Add(key string, value []byte) error {
	t.add = append(t.add, key)
	return t.Put(key, value)
}

// Delete implements Tx.
func (t *memTx) Delete(key string) error {
	if err := t.m.fail("delete"); err != nil {
		return err
	}
	t.set[key] = nil
	return nil
}

// Commit implements Tx.
func (t *memTx) Commit() error {
	if err := t.m.fail("commit"); err != nil {
		return err
	}
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	for _, k := range t.add {
		if _, ok := t.m.data[k]; ok {
			return ErrBusy
		}
	}
	for k, v := range t.set {
		t.m.set(k, v)
	}
	return nil
}

// Abort implements Tx.
func (t *memTx) Abort() {}
