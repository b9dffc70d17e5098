package decode

import (
	"bufio"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var (
	liveWords = flag.Int("words", 50_000, "number of random words that the live comparison with objdump takes")
	liveSeed  = flag.Uint64("seed", 1, "seed of the live comparison")
	wordsFile = flag.String("wordsfile", "", "file of hexadecimal words, one a line, to compare with objdump as well")
)

// disassemble returns GNU objdump's text of each word, the words lying at 0, 4, ….
func disassemble(t *testing.T, words []uint32) []string {
	t.Helper()
	tool, err := exec.LookPath("aarch64-linux-gnu-objdump")
	if err != nil {
		t.Skip("aarch64-linux-gnu-objdump is not installed")
	}
	bin := make([]byte, 0, 4*len(words))
	for _, w := range words {
		bin = binary.LittleEndian.AppendUint32(bin, w)
	}
	file := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(file, bin, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "-D", "-z", "-b", "binary", "-m", "aarch64", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	texts := make([]string, 0, len(words))
	for sc := bufio.NewScanner(out); sc.Scan(); {
		if f := strings.SplitN(sc.Text(), "\t", 3); len(f) == 3 {
			texts = append(texts, f[2])
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(texts) != len(words) {
		t.Fatalf("objdump printed %d lines for %d words", len(texts), len(words))
	}
	return texts
}

// differs reports whether objdump is known to read a word otherwise than the
// architecture has it, and so than we do.
func differs(in Inst, text string) bool {
	mnemonic, _, _ := strings.Cut(text, "\t")
	undefined := mnemonic == ".inst"
	if in.Row == nil {
		switch mnemonic {
		case ".inst": // the comment may be "NYI"
			return undefined
		case "ld64b", "st64b", "st64bv", "st64bv0": // eight registers from an odd one, or beyond x30
			return in.Word&1 != 0 || in.Rt() > 22
		case "fmlal", "fmlsl", "fmlal2", "fmlsl2": // sz of 1
			return in.Bit(22)
		}
		// System instructions that have no meaning print as a move to a register with op0 of 0.
		return in.Word>>20 == 0xd50 && (mnemonic == "msr" || mnemonic == "mrs") ||
			in.Word>>20 == 0xd52 && mnemonic == "mrs"
	}
	switch {
	case in.Row.Name == "SVE" || in.Row.Name == "SME": // one row each
		return true
	case undefined && in.Unpredictable(): // LDPSW, to mention one
		return true
	case undefined: // LDAR whose unused registers are not 31; the bits have no effect on processors
		return in.Word&in.Row.ones != in.Row.ones
	}
	return false
}

// compare compares with a running objdump.
func compare(t *testing.T, words []uint32) {
	t.Helper()
	compareTexts(t, words, disassemble(t, words))
}

// compareTexts reports the words that print differently from texts, a few for each row.
func compareTexts(t *testing.T, words []uint32, texts []string) {
	t.Helper()
	bad := map[string]int{}
	total := 0
	for i, w := range words {
		in, _ := Decode(w)
		got := in.String(uint64(4 * i))
		if got == texts[i] || differs(in, texts[i]) {
			continue
		}
		row := "undefined"
		if in.Row != nil {
			row = in.Row.Name
		} else {
			row += " " + strings.SplitN(texts[i], "\t", 2)[0]
		}
		total++
		if bad[row]++; bad[row] <= 3 {
			t.Errorf("%08x %s: %q, objdump %q", w, row, got, texts[i])
		}
	}
	if total > 0 {
		t.Errorf("%d of %d words differ: %v", total, len(words), bad)
	}
}

// TestObjdumpRows compares random words of each row, and what becomes of them when
// one or two of their bits are changed.
func TestObjdumpRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(*liveSeed, 1))
	rows := Rows()
	var words []uint32
	for i := range rows {
		for range max(1, *liveWords/len(rows)/2) {
			w := rng.Uint32()&^rows[i].mask | rows[i].value
			words = append(words, w, w^1<<rng.IntN(32)^rng.Uint32N(2)<<rng.IntN(32))
		}
	}
	compare(t, words)
}

// TestObjdumpRandom compares words of 32 random bits.
func TestObjdumpRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(*liveSeed, 2))
	words := make([]uint32, *liveWords)
	for i := range words {
		words[i] = rng.Uint32()
	}
	compare(t, words)
}

// TestObjdumpFile compares the words of the file that -wordsfile names.
func TestObjdumpFile(t *testing.T) {
	if *wordsFile == "" {
		t.Skip("no -wordsfile")
	}
	compare(t, readWords(t))
}

// readWords reads the file that -wordsfile names.
func readWords(t *testing.T) []uint32 {
	t.Helper()
	text, err := os.ReadFile(*wordsFile)
	if err != nil {
		t.Fatal(err)
	}
	var words []uint32
	for _, s := range strings.Fields(string(text)) {
		w, err := strconv.ParseUint(s, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, uint32(w))
	}
	return words
}
