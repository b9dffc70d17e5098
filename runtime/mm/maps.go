package mm

import (
	"fmt"
	"strings"

	"boxer/runtime/abi"
)

// A Mapping is one line of /proc/self/maps.
type Mapping struct {
	Start, End uint64
	Prot       uint32 // abi.PROT_*
	Shared     bool
	Off        uint64
	File       File   // nil: anonymous
	Name       string // the file's name, or "[stack]", "[heap]", "[vdso]"
}

// Maps lists the mappings, ascending. The CPU's ranges are not shown.
func (s *Space) Maps() []Mapping {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Mapping, 0, len(s.vmas))
	for _, v := range s.vmas {
		if v.hidden {
			continue
		}
		m := Mapping{Start: v.start, End: v.end, Prot: v.prot, Shared: v.shared, Name: v.name}
		if v.file != nil {
			m.Off, m.File, m.Name = uint64(v.off), v.file.file, v.file.file.Name()
		}
		out = append(out, m)
	}
	return out
}

// String is the mapping as /proc/self/maps has it (proc_pid_maps(5)), with device and
// inode 0.
func (m Mapping) String() string { return m.Format(0, 0, 0) }

// Format is String with the file's device and inode.
func (m Mapping) Format(major, minor uint32, ino uint64) string {
	perm := []byte("---p")
	for i, p := range []uint32{abi.PROT_READ, abi.PROT_WRITE, abi.PROT_EXEC} {
		if m.Prot&p != 0 {
			perm[i] = "rwx"[i]
		}
	}
	if m.Shared {
		perm[3] = 's'
	}
	line := fmt.Sprintf("%08x-%08x %s %08x %02x:%02x %d ", m.Start, m.End, perm, m.Off, major, minor, ino)
	if m.Name == "" {
		return line
	}
	return fmt.Sprintf("%-72s %s", line, strings.ReplaceAll(m.Name, "\n", "\\012"))
}

// String is the whole of /proc/self/maps.
func (s *Space) String() string {
	var b strings.Builder
	for _, m := range s.Maps() {
		b.WriteString(m.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Usage is what /proc/self/status and getrusage tell of an address space, in bytes.
type Usage struct {
	Size     uint64 // VmSize: everything mapped
	Data     uint64 // VmData: private and writable
	Stack    uint64 // VmStk
	Text     uint64 // VmExe and VmLib: executable
	Memory   uint64 // the Wasm memory's size
	Mappings int
}

// Usage sums the mappings up. See Resident for what is really held.
func (s *Space) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := Usage{Size: s.size, Data: s.data}
	if s.mem != nil {
		u.Memory = s.mem.Size()
	}
	for _, v := range s.vmas {
		if v.hidden {
			continue
		}
		u.Mappings++
		if v.name == StackName {
			u.Stack += v.len()
		}
		if v.can(abi.PROT_EXEC) {
			u.Text += v.len()
		}
	}
	return u
}
