package decode

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// recorded has a word and objdump's text on each line, the words lying at 0, 4, …: words
// that programs executed, random ones of every row and their neighbours, and random bits.
const recorded = "testdata/objdump.txt.gz"

// TestRecorded needs no objdump. With -update the texts are taken anew, with
// -update and -wordsfile the words as well.
func TestRecorded(t *testing.T) {
	if *update {
		words, _ := readRecorded(t)
		if *wordsFile != "" {
			words = sample(readWords(t), 15_000)
		}
		writeRecorded(t, words, disassemble(t, words))
	}
	words, texts := readRecorded(t)
	if len(words) < 20_000 {
		t.Fatalf("%s has %d words", recorded, len(words))
	}
	compareTexts(t, words, texts)
	used := map[ID]bool{}
	for _, w := range words {
		if in, ok := Decode(w); ok {
			used[in.Row.ID] = true
		}
	}
	for _, r := range Rows() {
		if !used[r.ID] {
			t.Errorf("no word of row %s is recorded", r.Name)
		}
	}
}

// sample takes n of the executed words and adds the others.
func sample(executed []uint32, n int) []uint32 {
	rng := rand.New(rand.NewPCG(7, 7))
	rng.Shuffle(len(executed), func(i, j int) { executed[i], executed[j] = executed[j], executed[i] })
	words := executed[:n]
	rows := Rows()
	for i := range rows {
		words = append(words, rows[i].Random(rng))
		for range 5 {
			words = append(words, (rng.Uint32()&^rows[i].mask|rows[i].value)^rng.Uint32N(2)<<rng.IntN(32))
		}
	}
	for range 1000 {
		words = append(words, rng.Uint32())
	}
	return words
}

func readRecorded(t testing.TB) (words []uint32, texts []string) {
	t.Helper()
	file, err := os.ReadFile(recorded)
	if os.IsNotExist(err) && *update {
		return nil, nil
	} else if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for sc := bufio.NewScanner(z); sc.Scan(); {
		var w uint32
		word, text, _ := strings.Cut(sc.Text(), "\t")
		if _, err := fmt.Sscanf(word, "%x", &w); err != nil {
			t.Fatal(err)
		}
		words, texts = append(words, w), append(texts, text)
	}
	return words, texts
}

func writeRecorded(t *testing.T, words []uint32, texts []string) {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range words {
		io.WriteString(z, fmt.Sprintf("%08x\t%s\n", w, texts[i]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recorded, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
