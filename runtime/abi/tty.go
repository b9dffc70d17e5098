package abi

import "encoding/binary"

// Terminal requests of ioctl(2) (ioctl_tty(2)) and those any file may get.
const (
	TCGETS     = 0x5401
	TCSETS     = 0x5402
	TCSETSW    = 0x5403
	TCSETSF    = 0x5404
	TCSBRK     = 0x5409
	TCXONC     = 0x540a
	TCFLSH     = 0x540b
	TIOCSCTTY  = 0x540e
	TIOCGPGRP  = 0x540f
	TIOCSPGRP  = 0x5410
	TIOCOUTQ   = 0x5411
	TIOCGWINSZ = 0x5413
	TIOCSWINSZ = 0x5414
	FIONREAD   = 0x541b
	FIONBIO    = 0x5421
	TIOCNOTTY  = 0x5422
	TIOCGSID   = 0x5429
	FIONCLEX   = 0x5450
	FIOCLEX    = 0x5451
	TCGETS2    = 0x802c542a
	TCSETS2    = 0x402c542b
	TCSETSW2   = 0x402c542c
	TCSETSF2   = 0x402c542d
)

// Input modes (termios(3)).
const (
	IGNBRK  = 0x0001
	BRKINT  = 0x0002
	IGNPAR  = 0x0004
	PARMRK  = 0x0008
	INPCK   = 0x0010
	ISTRIP  = 0x0020
	INLCR   = 0x0040
	IGNCR   = 0x0080
	ICRNL   = 0x0100
	IUCLC   = 0x0200
	IXON    = 0x0400
	IXANY   = 0x0800
	IXOFF   = 0x1000
	IMAXBEL = 0x2000
	IUTF8   = 0x4000
)

// Output modes.
const (
	OPOST  = 0x01
	OLCUC  = 0x02
	ONLCR  = 0x04
	OCRNL  = 0x08
	ONOCR  = 0x10
	ONLRET = 0x20
	TABDLY = 0x1800
	XTABS  = 0x1800
)

// Control modes.
const (
	B38400 = 0x000f
	CS8    = 0x0030
	CREAD  = 0x0080
	HUPCL  = 0x0400
)

// Local modes.
const (
	ISIG    = 0x0001
	ICANON  = 0x0002
	ECHO    = 0x0008
	ECHOE   = 0x0010
	ECHOK   = 0x0020
	ECHONL  = 0x0040
	NOFLSH  = 0x0080
	TOSTOP  = 0x0100
	ECHOCTL = 0x0200
	ECHOPRT = 0x0400
	ECHOKE  = 0x0800
	IEXTEN  = 0x8000
)

// Indices of the control characters.
const (
	VINTR    = 0
	VQUIT    = 1
	VERASE   = 2
	VKILL    = 3
	VEOF     = 4
	VTIME    = 5
	VMIN     = 6
	VSWTC    = 7
	VSTART   = 8
	VSTOP    = 9
	VSUSP    = 10
	VEOL     = 11
	VREPRINT = 12
	VDISCARD = 13
	VWERASE  = 14
	VLNEXT   = 15
	VEOL2    = 16

	NCCS = 19
)

// Termios is the kernel's struct termios.
type Termios struct {
	Iflag, Oflag, Cflag, Lflag uint32
	Line                       byte
	CC                         [NCCS]byte
}

// Sizes of struct termios and struct termios2.
const (
	SizeofTermios  = 36
	SizeofTermios2 = 44
)

// Decode reads the structure from b[:36].
func (t *Termios) Decode(b []byte) {
	le := binary.LittleEndian
	t.Iflag, t.Oflag, t.Cflag, t.Lflag = le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint32(b[12:])
	t.Line = b[16]
	copy(t.CC[:], b[17:])
}

// Encode writes struct termios to b[:36] and, where b is long enough, the two speeds
// of struct termios2.
func (t *Termios) Encode(b []byte) {
	le := binary.LittleEndian
	le.PutUint32(b, t.Iflag)
	le.PutUint32(b[4:], t.Oflag)
	le.PutUint32(b[8:], t.Cflag)
	le.PutUint32(b[12:], t.Lflag)
	b[16] = t.Line
	copy(b[17:36], t.CC[:])
	if len(b) >= SizeofTermios2 {
		le.PutUint32(b[36:], 38400)
		le.PutUint32(b[40:], 38400)
	}
}

// SizeofWinsize is the size of struct winsize.
const SizeofWinsize = 8

// Winsize is struct winsize of TIOCGWINSZ.
type Winsize struct{ Rows, Cols, XPixel, YPixel uint16 }

// Decode reads the structure from b[:8].
func (w *Winsize) Decode(b []byte) {
	le := binary.LittleEndian
	*w = Winsize{le.Uint16(b), le.Uint16(b[2:]), le.Uint16(b[4:]), le.Uint16(b[6:])}
}

// Encode writes the structure to b[:8].
func (w Winsize) Encode(b []byte) {
	le := binary.LittleEndian
	le.PutUint16(b, w.Rows)
	le.PutUint16(b[2:], w.Cols)
	le.PutUint16(b[4:], w.XPixel)
	le.PutUint16(b[6:], w.YPixel)
}
