package arm64

import (
	"encoding/binary"
	"errors"

	"boxer/runtime/arch"
)

// The signal frame of arm64 Linux (arch/arm64 uapi asm/sigcontext.h and
// asm/ucontext.h): siginfo, ucontext with its sigcontext, and in the reserved
// tail of that a list of records, each with a magic and a size. Above the frame
// lies a frame record {x29, x30}, so that frame-pointer unwinders pass through.
const (
	offInfo     = 0
	offUcontext = 128
	offUCStack  = offUcontext + 16
	offUCMask   = offUcontext + 40
	offMcontext = offUcontext + 176
	offFault    = offMcontext
	offRegs     = offMcontext + 8
	offSP       = offMcontext + 256
	offPC       = offMcontext + 264
	offPstate   = offMcontext + 272
	offRecords  = offMcontext + 288
	recordsSize = 4096
	frameSize   = offRecords + recordsSize

	fpsimdMagic = 0x46508001
	fpsimdSize  = 8 + 8 + 32*16
	esrMagic    = 0x45535201
	esrSize     = 16
	extraMagic  = 0x45585401

	// Exception syndromes of a data abort from EL0 (Arm ARM ESR_ELx): class
	// 0x24, 32-bit instruction, translation fault at level 3.
	esrDataAbort = 0x24<<26 | 1<<25 | 0x07
	esrWnR       = 1 << 6

	pstateFlags = 0xf0000000
)

var errBadFrame = errors.New("arm64: not a signal frame")

// ISA implements arch.Machine for A64.
type ISA struct{}

var _ arch.Machine = ISA{}

// Bits of AT_HWCAP (arch/arm64 uapi asm/hwcap.h): what the translator executes
// of the optional features (DESIGN §4).
const (
	hwcapFP      = 1 << 0
	hwcapASIMD   = 1 << 1
	hwcapCRC32   = 1 << 7
	hwcapATOMICS = 1 << 8
)

// Info implements arch.Machine.
func (ISA) Info() arch.MachineInfo {
	return arch.MachineInfo{
		Name:        "aarch64",
		Platform:    "linux/arm64",
		ELF:         Machine,
		HWCAP:       hwcapFP | hwcapASIMD | hwcapCRC32 | hwcapATOMICS,
		Features:    []string{"fp", "asimd", "crc32", "atomics"},
		MinSigStack: frameSize + 16,
	}
}

// NewRegs implements arch.Machine.
func (ISA) NewRegs() arch.Regs { return NewRegs() }

// Restart implements arch.Machine: SVC is four bytes long.
func (ISA) Restart(r arch.Regs) { r.SetPC(r.PC() - 4) }

// SigreturnCode is "mov x8, #139; svc #0", what libgcc and libunwind look for.
func (ISA) SigreturnCode() []byte {
	return []byte{0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4}
}

// PushSignal implements arch.Machine as setup_rt_frame does.
func (ISA) PushSignal(m arch.GuestMemory, regs arch.Regs, f *arch.SignalFrame) error {
	r := regs.(*Regs)
	next := (f.Stack - 16) &^ 15
	sp := next - frameSize
	if next > f.Stack || sp > next {
		return errBadFrame
	}
	var buf [frameSize + 16]byte
	b := buf[:]
	le := binary.LittleEndian
	if f.WithInfo {
		copy(b[offInfo:], f.Info[:])
	}
	le.PutUint64(b[offUCStack:], f.Alt.SP)
	le.PutUint32(b[offUCStack+8:], f.Alt.Flags)
	le.PutUint64(b[offUCStack+16:], f.Alt.Size)
	le.PutUint64(b[offUCMask:], f.Mask)
	le.PutUint64(b[offFault:], f.FaultAddr)
	for i, x := range r.X {
		le.PutUint64(b[offRegs+8*i:], x)
	}
	le.PutUint64(b[offSP:], r.Stack)
	le.PutUint64(b[offPC:], r.Next)
	le.PutUint64(b[offPstate:], uint64(r.NZCV&pstateFlags))

	rec := b[offRecords:]
	le.PutUint32(rec, fpsimdMagic)
	le.PutUint32(rec[4:], fpsimdSize)
	le.PutUint32(rec[8:], r.FPSR)
	le.PutUint32(rec[12:], r.FPCR)
	for i, v := range r.V {
		le.PutUint64(rec[16+16*i:], v.Lo)
		le.PutUint64(rec[24+16*i:], v.Hi)
	}
	rec = rec[fpsimdSize:]
	if f.Fault {
		esr := uint64(esrDataAbort)
		if f.Write {
			esr |= esrWnR
		}
		le.PutUint32(rec, esrMagic)
		le.PutUint32(rec[4:], esrSize)
		le.PutUint64(rec[8:], esr)
	}
	// The terminator is a record of zero magic and size: already there.

	le.PutUint64(b[frameSize:], r.X[29])
	le.PutUint64(b[frameSize+8:], r.X[30])
	if err := m.CopyOut(sp, b); err != nil {
		return err
	}
	r.X[0] = uint64(f.Signo)
	if f.WithInfo {
		r.X[1] = sp + offInfo
		r.X[2] = sp + offUcontext
	}
	r.X[29] = next
	r.X[30] = f.Return
	r.Stack = sp
	r.Next = f.Handler
	r.ExclAddr = ^uint64(0)
	return nil
}

// PopSignal implements arch.Machine as restore_sigframe does: the FPSIMD
// record must be there, records of unknown magic are an error.
func (ISA) PopSignal(m arch.GuestMemory, regs arch.Regs) (mask uint64, alt arch.AltStack, err error) {
	r := regs.(*Regs)
	if r.Stack&15 != 0 {
		return 0, alt, errBadFrame
	}
	var buf [frameSize]byte
	b := buf[:]
	if err := m.CopyIn(r.Stack, b); err != nil {
		return 0, alt, err
	}
	fp, ok := findFPSIMD(b[offRecords:])
	if !ok {
		return 0, alt, errBadFrame
	}
	le := binary.LittleEndian
	for i := range r.X {
		r.X[i] = le.Uint64(b[offRegs+8*i:])
	}
	r.Stack = le.Uint64(b[offSP:])
	r.Next = le.Uint64(b[offPC:])
	r.NZCV = uint32(le.Uint64(b[offPstate:])) & pstateFlags
	r.FPSR = le.Uint32(fp[8:])
	r.FPCR = le.Uint32(fp[12:])
	for i := range r.V {
		r.V[i] = Vector{le.Uint64(fp[16+16*i:]), le.Uint64(fp[24+16*i:])}
	}
	r.ExclAddr = ^uint64(0)
	alt = arch.AltStack{
		SP:    le.Uint64(b[offUCStack:]),
		Flags: le.Uint32(b[offUCStack+8:]),
		Size:  le.Uint64(b[offUCStack+16:]),
	}
	return le.Uint64(b[offUCMask:]), alt, nil
}

// findFPSIMD walks the records in the sigcontext's tail.
func findFPSIMD(rec []byte) (fp []byte, ok bool) {
	le := binary.LittleEndian
	for len(rec) >= 8 {
		magic, size := le.Uint32(rec), le.Uint32(rec[4:])
		if magic == 0 {
			return fp, size == 0 && fp != nil
		}
		if size < 16 || size%16 != 0 || int(size) > len(rec) {
			return nil, false
		}
		switch magic {
		case fpsimdMagic:
			if fp != nil || size != fpsimdSize {
				return nil, false
			}
			fp = rec[:size]
		case esrMagic, extraMagic:
		default:
			return nil, false
		}
		rec = rec[size:]
	}
	return nil, false
}
