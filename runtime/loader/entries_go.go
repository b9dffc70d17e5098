package loader

// Function starts from Go's function table, which programs keep when they are
// stripped. The format is Go's own (runtime/symtab.go, type pcHeader); that of
// Go 1.18 and later is known here.
const (
	go118Magic = 0xfffffff0
	go120Magic = 0xfffffff1
)

func (e *entryFinder) goFunctions() {
	s, ok := e.section(".gopclntab")
	if !ok {
		s, ok = e.section(".data.rel.ro.gopclntab")
	}
	if !ok {
		return
	}
	v := newView(e.file, s.off, s.size)
	magic := v.u32(0)
	if magic != go118Magic && magic != go120Magic || v.u8(7) != 8 {
		return
	}
	n, text, table := v.u64(8), v.u64(24), v.u64(64)
	if text == 0 { // no longer stored since Go 1.26
		text = e.goText()
	}
	if text == 0 || table > v.n {
		return
	}
	n = min(n, (v.n-table)/8) // pairs of 32-bit offsets: the function's start, its record
	for i := uint64(0); i < n && !v.bad; i++ {
		if !e.add(text + uint64(v.u32(table+8*i))) {
			return
		}
	}
}

// goText is the address that the table's offsets count from: runtime.text, a
// field of the module data. Where that is only filled in by relocations, it is
// the start of .text, unless C code comes first.
func (e *entryFinder) goText() uint64 {
	if m, ok := e.section(".go.module"); ok {
		const minpc, textField = 160, 176
		v := newView(e.file, m.off, m.size)
		if text := v.u64(textField); text != 0 && text == v.u64(minpc) {
			return text
		}
	}
	s, _ := e.section(".text")
	return s.addr
}
