package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/wasm"
)

const (
	// firstCall is the number of the first call: above those of Linux, which
	// programs of both kinds can ask for and only modules get.
	firstCall = 1 << 16
	maxArgs   = 9
)

// A call is one function of preview 1. a are its parameters. Its results, but
// for the error number, go to memory.
type call struct {
	name    string
	fn      func(t *kernel.Task, p *process, a []uint64) abi.Errno
	class   kernel.Class
	nr      uint64
	params  []wasm.ValType
	results []wasm.ValType // an i32, the error number; proc_exit has none
}

func (c *call) typeText() string { return typeText(c.params, c.results) }

const (
	slow = kernel.Class(0)
	fast = kernel.Fast
	free = kernel.Fast | kernel.Unlocked // needs no lock
)

// rows are the functions of preview 1 with the letters of their parameters:
// i is an i32, I an i64.
var rows = []struct {
	name   string
	params string
	class  kernel.Class
	fn     func(t *kernel.Task, p *process, a []uint64) abi.Errno
}{
	{"args_get", "ii", free, argsGet},
	{"args_sizes_get", "ii", free, argsSizesGet},
	{"environ_get", "ii", fast, environGet},
	{"environ_sizes_get", "ii", fast, environSizesGet},
	{"clock_res_get", "ii", free, clockResGet},
	{"clock_time_get", "iIi", free, clockTimeGet},
	{"fd_advise", "iIIi", fast, fdAdvise},
	{"fd_allocate", "iII", fast, fdAllocate},
	{"fd_close", "i", fast, fdClose},
	{"fd_datasync", "i", fast, fdSync},
	{"fd_fdstat_get", "ii", fast, fdFdstatGet},
	{"fd_fdstat_set_flags", "ii", fast, fdFdstatSetFlags},
	{"fd_fdstat_set_rights", "iII", fast, fdFdstatSetRights},
	{"fd_filestat_get", "ii", fast, fdFilestatGet},
	{"fd_filestat_set_size", "iI", fast, fdFilestatSetSize},
	{"fd_filestat_set_times", "iIIi", fast, fdFilestatSetTimes},
	{"fd_pread", "iiiIi", fast, fdPread},
	{"fd_prestat_get", "ii", fast, fdPrestatGet},
	{"fd_prestat_dir_name", "iii", fast, fdPrestatDirName},
	{"fd_pwrite", "iiiIi", fast, fdPwrite},
	{"fd_read", "iiii", fast, fdRead},
	{"fd_readdir", "iiiIi", fast, fdReaddir},
	{"fd_renumber", "ii", fast, fdRenumber},
	{"fd_seek", "iIii", fast, fdSeek},
	{"fd_sync", "i", fast, fdSync},
	{"fd_tell", "ii", fast, fdTell},
	{"fd_write", "iiii", fast, fdWrite},
	{"path_create_directory", "iii", fast, pathCreateDirectory},
	{"path_filestat_get", "iiiii", fast, pathFilestatGet},
	{"path_filestat_set_times", "iiiiIIi", fast, pathFilestatSetTimes},
	{"path_link", "iiiiiii", fast, pathLink},
	{"path_open", "iiiiiIIii", fast, pathOpen},
	{"path_readlink", "iiiiii", fast, pathReadlink},
	{"path_remove_directory", "iii", fast, pathRemoveDirectory},
	{"path_rename", "iiiiii", fast, pathRename},
	{"path_symlink", "iiiii", fast, pathSymlink},
	{"path_unlink_file", "iii", fast, pathUnlinkFile},
	{"poll_oneoff", "iiii", fast, pollOneoff},
	{"proc_exit", "i", slow, procExit},
	{"proc_raise", "i", fast, procRaise},
	{"random_get", "ii", fast, randomGet},
	{"sched_yield", "", fast, schedYield},
	{"sock_accept", "iii", fast, noSocket("sock_accept")},
	{"sock_recv", "iiiiii", fast, noSocket("sock_recv")},
	{"sock_send", "iiiii", fast, noSocket("sock_send")},
	{"sock_shutdown", "ii", fast, noSocket("sock_shutdown")},
}

// calls are the rows by number, callByName by name.
var calls, callByName = func() ([]*call, map[string]*call) {
	list, byName := make([]*call, len(rows)), map[string]*call{}
	for i, r := range rows {
		c := &call{name: r.name, fn: r.fn, class: r.class, nr: firstCall + uint64(i), results: []wasm.ValType{wasm.I32}}
		if r.name == "proc_exit" {
			c.results = nil
		}
		for _, l := range r.params {
			t := wasm.I32
			if l == 'I' {
				t = wasm.I64
			}
			c.params = append(c.params, t)
		}
		if len(c.params) > maxArgs || byName[r.name] != nil {
			panic("BUG: bad row " + r.name)
		}
		list[i], byName[r.name] = c, c
	}
	return list, byName
}()
