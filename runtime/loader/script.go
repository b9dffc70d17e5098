package loader

import "bytes"

// maxScripts is how many #! files may lead to one another (Linux, exec_binprm).
const maxScripts = 5

// script is a #! line: the interpreter and at most one argument, which may
// contain blanks.
type script struct {
	interp string
	arg    string
	hasArg bool
}

// parseScript reads a #! line as Linux's binfmt_script does. The line ends at a
// newline or with the head; an interpreter name that the head cuts off is
// ENOEXEC, an argument is cut.
func parseScript(head []byte) (s script, ok bool, err error) {
	rest, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return s, false, nil
	}
	line, _, ended := bytes.Cut(rest, []byte("\n"))
	if i := bytes.IndexByte(line, 0); i >= 0 { // a head shorter than a buffer is NUL padded on Linux
		line, ended = line[:i], true
	}
	if ended = ended || len(head) < headSize; !ended {
		line = line[:len(line)-1] // Linux puts a NUL over a full buffer's last byte
	}
	line = bytes.TrimLeft(line, " \t")
	if ended {
		line = bytes.TrimRight(line, " \t")
	}
	name, arg := line, []byte(nil)
	if i := bytes.IndexAny(line, " \t"); i >= 0 {
		name, arg = line[:i], bytes.Trim(line[i:], " \t")
	} else if !ended {
		return s, false, noexec("the #! line is longer than %d bytes", headSize)
	}
	if len(name) == 0 {
		return s, false, noexec("the #! line names no interpreter")
	}
	return script{string(name), string(arg), len(arg) > 0}, true, nil
}

// argv is the argument list for the interpreter of the script at path.
func (s script) argv(path string, old []string) []string {
	argv := []string{s.interp}
	if s.hasArg {
		argv = append(argv, s.arg)
	}
	argv = append(argv, path)
	return append(argv, old[1:]...)
}
