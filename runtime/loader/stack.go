package loader

import (
	"encoding/binary"

	"boxer/runtime/abi"
	"boxer/runtime/mm"
)

// writeStack writes the first stack below top and sets img's SP, Auxv and
// string ranges. From high to low, as Linux lays it out: a zero word, the file
// name, the environment's strings, the arguments', the platform's name, the
// random bytes; then, 16-byte aligned, auxv, envp, argv and argc, at which SP
// points.
func writeStack(p Params, img *Image, s *mm.Space, prog *program, top uint64) error {
	var cred Cred
	if p.Cred != nil {
		cred = p.Cred(img.File)
	}
	// The strings, lowest first, at offsets from their own start.
	var str []byte
	add := func(x string) uint64 {
		at := uint64(len(str))
		str = append(append(str, x...), 0)
		return at
	}
	random := uint64(0)
	str = append(str, p.Random[:]...)
	platform := add(p.Target.AT)
	argStart := uint64(len(str))
	argv := make([]uint64, len(img.Argv))
	for i, a := range img.Argv {
		argv[i] = add(a)
	}
	envStart := uint64(len(str))
	envp := make([]uint64, len(p.Envp))
	for i, e := range p.Envp {
		envp[i] = add(e)
	}
	envEnd := uint64(len(str))
	execfn := add(p.Path)
	base := (top - 8 - uint64(len(str))) &^ 15
	img.ArgStart, img.ArgEnd = base+argStart, base+envStart
	img.EnvStart, img.EnvEnd = base+envStart, base+envEnd

	secure := uint64(0)
	if cred.Secure {
		secure = 1
	}
	phdr := prog.phdrAddr()
	if phdr != 0 {
		phdr += img.Bias
	}
	for _, e := range [][2]uint64{
		{abi.AT_MINSIGSTKSZ, p.Target.MinSigStack},
		{abi.AT_HWCAP, p.Target.HWCAP},
		{abi.AT_PAGESZ, abi.PageSize},
		{abi.AT_CLKTCK, abi.ClockTick},
		{abi.AT_PHDR, phdr},
		{abi.AT_PHENT, phdrSize},
		{abi.AT_PHNUM, uint64(prog.hdr.phnum)},
		{abi.AT_BASE, img.Base},
		{abi.AT_FLAGS, 0},
		{abi.AT_ENTRY, prog.hdr.entry + img.Bias},
		{abi.AT_UID, uint64(cred.UID)},
		{abi.AT_EUID, uint64(cred.EUID)},
		{abi.AT_GID, uint64(cred.GID)},
		{abi.AT_EGID, uint64(cred.EGID)},
		{abi.AT_SECURE, secure},
		{abi.AT_RANDOM, base + random},
		{abi.AT_HWCAP2, p.Target.HWCAP2},
		{abi.AT_EXECFN, base + execfn},
		{abi.AT_PLATFORM, base + platform},
		{abi.AT_NULL, 0},
	} {
		img.Auxv = binary.LittleEndian.AppendUint64(img.Auxv, e[0])
		img.Auxv = binary.LittleEndian.AppendUint64(img.Auxv, e[1])
	}

	table := uint64(8*(1+len(argv)+1+len(envp)+1) + len(img.Auxv))
	img.SP = (base - table) &^ 15
	b := make([]byte, 0, base-img.SP+uint64(len(str)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(argv)))
	for _, list := range [][]uint64{argv, envp} {
		for _, off := range list {
			b = binary.LittleEndian.AppendUint64(b, base+off)
		}
		b = binary.LittleEndian.AppendUint64(b, 0)
	}
	b = append(b, img.Auxv...)
	b = append(b, make([]byte, base-img.SP-uint64(len(b)))...)
	if err := s.CopyOut(img.SP, append(b, str...)); err != nil {
		return &Error{abi.E2BIG, "argument list too long for the stack"}
	}
	return nil
}

// Limits of execve(2) on its strings.
const (
	maxArgString = 32 * abi.PageSize // MAX_ARG_STRLEN
	maxArgTotal  = 6 << 20           // three quarters of the default stack
	minArgTotal  = maxArgString
)

// checkStrings applies E2BIG: each string is at most 128 KiB, and all, with
// their pointers, at most a quarter of the stack's limit, 6 MiB or less.
func checkStrings(p Params) error {
	stack := p.StackSize
	if stack == 0 {
		stack = 8 << 20
	}
	limit := min(max(stack/4, minArgTotal), maxArgTotal)
	total := uint64(len(p.Path) + 1)
	for _, list := range [][]string{p.Argv, p.Envp} {
		for _, s := range list {
			if len(s) >= maxArgString {
				return &Error{abi.E2BIG, "argument list too long: one argument has more than 128 KiB"}
			}
			total += uint64(len(s)) + 1 + 8
		}
	}
	if total > limit {
		return &Error{abi.E2BIG, "argument list too long"}
	}
	return nil
}
