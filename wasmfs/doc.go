// Package wasmfs is the Linux file layer: what a path means, who may do what,
// mounts, and the small interfaces that file systems implement. hackpadfs,
// which stores file contents below (package chunk), has no inodes, links,
// owners or extended attributes; they are here.
//
// The pieces:
//
//	Namespace   a mount table; its methods are the path system calls
//	Env         what a path means to one process: root, cwd, umask, credentials
//	Path        a place: mount + node (+ the name it was reached by)
//	FS, Node    a file system and a file in it; what a Node can do is told by the
//	            one-method interfaces it implements, in hackpadfs's idiom
//	File        an open regular file; it has no offset (the kernel keeps that)
//
// File systems:
//
//	inode       the writable one: metadata in memory, contents in chunks in a
//	            hackpadfs FS, optionally over a read-only lower FS
//	tarfs       an uncompressed tar, indexed in place, read-only
//	overlay     several read-only layers seen as one, with whiteouts; overlay.New
//	            puts a writable inode tree on top
//	persist     an inode tree that outlives the process, saved in transactions
//	host        a host directory, through os.Root, read-only (not in the page)
//	export      the other direction: a guest tree as a hackpadfs.FS
//
// procfs, sysfs and devfs belong to the kernel, which implements FS and Node.
//
// # Errors
//
// Every error is an abi.Errno, what the system call returns. The one exception
// is io.EOF from a File's ReadAt, which keeps io.ReaderAt's contract.
//
// # Special files
//
// FIFOs, sockets and devices are only nodes here: Namespace.Open checks
// permissions and returns a nil File unless the node is an Opener, and the
// kernel opens what the node's type and device number mean. Nodes are
// comparable and stable: the same file is the same Node for as long as anybody
// refers to it, so a map[Node] can hold what a FIFO or a lock needs.
//
// # Concurrency
//
// All methods are safe for concurrent use. Lock order, outermost first:
//
//	Namespace.mu       mount and unmount only; lookups read an atomic snapshot
//	inode.FS.tree      names and links of one file system
//	inode.node.mu      attributes of one inode
//	chunk.File.mu      contents of one file
//	chunk.Store.mu     the cache's ring and counters
//
// Nothing calls out of a file system with a lock held, except downwards in this
// list and into a lower FS or hackpadfs, which never call back.
package wasmfs
