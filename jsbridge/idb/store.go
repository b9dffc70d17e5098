//go:build js

// Package idb is a persist.Store in IndexedDB: one database for each name, one
// object store, one IndexedDB transaction for each of the Store's.
//
// hackpadfs's own indexeddb has a transaction for each file operation and shows
// none to its users, so a flush of many values could be torn. Hence this
// package stands on go-indexeddb, on which hackpadfs's stands too.
//
// IndexedDB ends a transaction by itself once the program waits for something
// else. So a Tx collects, in JavaScript's memory, and Commit does all at once.
package idb

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"

	"github.com/hack-pad/go-indexeddb/idb"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
	"boxer/wasmfs/persist"
)

// prefix is before the name in a database's name.
const prefix = "boxer:"

// objects is the object store's name.
const objects = "values"

// Store implements persist.Store.
type Store struct{ db *idb.Database }

var _ persist.Store = (*Store)(nil)

// Open opens the database of name, and makes it if it is not there. The error
// is persist.ErrRefused where the browser gives none: a private window, storage switched
// off for the site, a sandboxed frame. It waits.
func Open(name string) (*Store, error) {
	f, err := factory()
	if err != nil {
		return nil, refused(err)
	}
	req, err := f.Open(context.Background(), prefix+name, 1, func(db *idb.Database, _, _ uint) error {
		_, err := db.CreateObjectStore(objects, idb.ObjectStoreOptions{})
		return err
	})
	if err != nil {
		return nil, refused(err)
	}
	db, err := req.Await(context.Background())
	if err != nil {
		return nil, refused(err)
	}
	return &Store{db: db}, nil
}

// factory is the worker's IndexedDB.
func factory() (*idb.Factory, error) {
	v := port.Global("indexedDB")
	if !v.Truthy() {
		return nil, errors.New("this browser has no IndexedDB here")
	}
	return idb.WrapFactory(v)
}

func refused(err error) error {
	return fmt.Errorf("%w: the browser gives this page no IndexedDB (%w). Private windows, blocked site data and sandboxed "+
		"frames have none: open the page in an ordinary window and allow it to keep data, or start the box without persist", persist.ErrRefused, err)
}

// Get implements persist.Store.
func (s *Store) Get(keys ...string) ([][]byte, error) {
	txn, err := s.db.Transaction(idb.TransactionReadOnly, objects)
	if err != nil {
		return nil, lost(err)
	}
	store, err := txn.ObjectStore(objects)
	if err != nil {
		return nil, err
	}
	reqs := make([]*idb.Request, len(keys))
	for i, k := range keys {
		if reqs[i], err = store.Get(js.ValueOf(k)); err != nil {
			return nil, err
		}
	}
	done := make(chan struct{})
	go func() {
		err = txn.Await(context.Background())
		close(done)
	}()
	if werr := loop.Wait(done); werr != nil {
		return nil, werr
	}
	if err != nil {
		return nil, err
	}
	values := make([][]byte, len(keys))
	for i, r := range reqs {
		v, err := r.Result()
		if err != nil {
			return nil, err
		}
		if v.IsUndefined() {
			continue
		}
		p, ok := port.Bytes(v)
		if !ok {
			p = []byte{} // not what we stored; its checksum will not be right
		}
		values[i] = p
	}
	return values, nil
}

// Begin implements persist.Store.
func (s *Store) Begin() (persist.Tx, error) { return &tx{s: s}, nil }

// Close implements persist.Store.
func (s *Store) Close() error { return s.db.Close() }

// tx is what Commit is to do.
type tx struct {
	s   *Store
	ops []op
}

type op struct {
	key   string
	value js.Value // undefined: delete
	add   bool
}

// Put implements persist.Tx.
func (t *tx) Put(key string, value []byte) error {
	t.ops = append(t.ops, op{key: key, value: port.Array(value)})
	return nil
}

// Add implements persist.Tx.
func (t *tx) Add(key string, value []byte) error {
	t.ops = append(t.ops, op{key: key, value: port.Array(value), add: true})
	return nil
}

// Delete implements persist.Tx.
func (t *tx) Delete(key string) error {
	t.ops = append(t.ops, op{key: key, value: js.Undefined()})
	return nil
}

// Abort implements persist.Tx.
func (t *tx) Abort() { t.ops = nil }

// Commit implements persist.Tx. The transaction is complete once the browser
// says that it is on the disk ("strict").
func (t *tx) Commit() error {
	txn, err := t.s.db.TransactionWithOptions(idb.TransactionOptions{
		Mode: idb.TransactionReadWrite, Durability: idb.DurabilityStrict}, objects)
	if err != nil {
		return lost(err)
	}
	if err := t.fill(txn); err != nil {
		_ = txn.Abort() // nothing of it has happened
		return full(err)
	}
	t.ops = nil
	return full(txn.Await(context.Background()))
}

func (t *tx) fill(txn *idb.Transaction) error {
	store, err := txn.ObjectStore(objects)
	if err != nil {
		return err
	}
	for _, o := range t.ops {
		key := js.ValueOf(o.key)
		switch {
		case o.value.IsUndefined():
			_, err = store.Delete(key)
		case o.add:
			_, err = store.AddKey(key, o.value)
		default:
			_, err = store.PutKey(key, o.value)
		}
		if err != nil {
			return err
		}
	}
	return txn.Commit()
}

// lost explains a database that was closed under us.
func lost(err error) error {
	if errors.Is(err, idb.NewDOMException("InvalidStateError")) {
		return fmt.Errorf("the browser closed the database, perhaps because its data was deleted: %w", err)
	}
	return err
}

// full turns what IndexedDB says into package persist's errors.
func full(err error) error {
	switch {
	case errors.Is(err, idb.NewDOMException("QuotaExceededError")):
		q := &persist.QuotaError{Err: err}
		q.Used, q.Quota = estimate()
		return q
	case errors.Is(err, idb.NewDOMException("ConstraintError")):
		return fmt.Errorf("%w: another tab has written to them: reload this one", persist.ErrBusy)
	}
	return err
}

// estimate is how many bytes the origin uses, and how many it may; 0 where the browser does not say.
func estimate() (used, quota int64) {
	storage := js.Global().Get("navigator").Get("storage")
	if storage.Type() != js.TypeObject || storage.Get("estimate").Type() != js.TypeFunction {
		return 0, 0
	}
	e, err := loop.Await(storage.Call("estimate"))
	if err != nil {
		return 0, 0
	}
	return int64(port.Number(e.Get("usage"))), int64(port.Number(e.Get("quota")))
}
