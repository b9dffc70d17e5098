// Package persist keeps a writable inode.FS in a Store, so that it outlives the
// process: a page's box its files in IndexedDB, a volume its files in a directory.
//
// # What is stored
//
//	head            the commit record: image, log's first and last segment
//	log/SEQ         segments of the log: records of nodes, names of entries
//	c/INO/INDEX     chunks of files larger than chunk.InlineSize
//
// A flush is one transaction: the chunks that changed, segments with the records
// and names that changed, the removal of chunks that are gone, and the head. So a
// flush costs what changed, not what there is. When more than half of the log
// is outdated a flush writes all records anew and drops the old segments.
//
// Every segment has a magic, the store's epoch, its number and a CRC-32C, and
// a chunk's CRC-32C stands in its file's record: what was torn, lost or
// changed outside is an error by name (DamagedError), never other contents.
//
// # Durability
//
// FS.Flush starts a flush and FS.Flushed tells its end: fsync(2) parks between
// them. Besides, a flush follows Interval after the first change. A flush that fails leaves
// the store at the flush before, and what it was to save is saved by the next.
//
// Lock order: inode.FS's and chunk's locks, then FS.mu. Flushes run one at a time in
// a goroutine that holds no lock while it waits for the Store.
package persist
