package wasi

import "boxer/runtime/abi"

// errno is an error number of preview 1 (docs.md, "errno").
type errno uint16

const (
	success errno = 0
	eio     errno = 29
)

// errnos maps Linux's error numbers. Those that preview 1 has no word for
// become EIO, unless a near one is listed.
var errnos = map[abi.Errno]errno{
	abi.E2BIG:           1,
	abi.EACCES:          2,
	abi.EADDRINUSE:      3,
	abi.EADDRNOTAVAIL:   4,
	abi.EAFNOSUPPORT:    5,
	abi.EAGAIN:          6,
	abi.EALREADY:        7,
	abi.EBADF:           8,
	abi.EBADMSG:         9,
	abi.EBUSY:           10,
	abi.ECANCELED:       11,
	abi.ECHILD:          12,
	abi.ECONNABORTED:    13,
	abi.ECONNREFUSED:    14,
	abi.ECONNRESET:      15,
	abi.EDEADLK:         16,
	abi.EDESTADDRREQ:    17,
	abi.EDOM:            18,
	abi.EDQUOT:          19,
	abi.EEXIST:          20,
	abi.EFAULT:          21,
	abi.EFBIG:           22,
	abi.EHOSTUNREACH:    23,
	abi.EIDRM:           24,
	abi.EILSEQ:          25,
	abi.EINPROGRESS:     26,
	abi.EINTR:           27,
	abi.EINVAL:          28,
	abi.EIO:             eio,
	abi.EISCONN:         30,
	abi.EISDIR:          31,
	abi.ELOOP:           32,
	abi.EMFILE:          33,
	abi.EMLINK:          34,
	abi.EMSGSIZE:        35,
	abi.EMULTIHOP:       36,
	abi.ENAMETOOLONG:    37,
	abi.ENETDOWN:        38,
	abi.ENETRESET:       39,
	abi.ENETUNREACH:     40,
	abi.ENFILE:          41,
	abi.ENOBUFS:         42,
	abi.ENODEV:          43,
	abi.ENOENT:          44,
	abi.ENOEXEC:         45,
	abi.ENOLCK:          46,
	abi.ENOLINK:         47,
	abi.ENOMEM:          48,
	abi.ENOMSG:          49,
	abi.ENOPROTOOPT:     50,
	abi.ENOSPC:          51,
	abi.ENOSYS:          52,
	abi.ENOTCONN:        53,
	abi.ENOTDIR:         54,
	abi.ENOTEMPTY:       55,
	abi.ENOTRECOVERABLE: 56,
	abi.ENOTSOCK:        57,
	abi.EOPNOTSUPP:      58,
	abi.ENOTTY:          59,
	abi.ENXIO:           60,
	abi.EOVERFLOW:       61,
	abi.EOWNERDEAD:      62,
	abi.EPERM:           63,
	abi.EPIPE:           64,
	abi.EPROTO:          65,
	abi.EPROTONOSUPPORT: 66,
	abi.EPROTOTYPE:      67,
	abi.ERANGE:          68,
	abi.EROFS:           69,
	abi.ESPIPE:          70,
	abi.ESRCH:           71,
	abi.ESTALE:          72,
	abi.ETIMEDOUT:       73,
	abi.ETXTBSY:         74,
	abi.EXDEV:           75,
}

func errnoOf(e abi.Errno) errno {
	if w, ok := errnos[e]; ok {
		return w
	}
	return eio
}
