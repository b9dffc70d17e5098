// bench.h: the contract between main.c and the kernels.
//
// A kernel is a fixed amount of deterministic work. run does all of it once
// and returns a checksum that depends on every result, the same each time and
// on every machine; main.c times the calls. Sizes are chosen so that one run
// takes about 20 ms in native code.
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

struct kernel {
	const char *name;
	// What the kernel lives on: loop, call, fp, simd or lib; and two kinds that
	// the report keeps apart: fma (fused multiply-add, for which Wasm has no
	// instruction) and libc (hand-written vector code that differs for each
	// architecture, so that "the same source" is not true).
	const char *kind;
	void (*setup)(void); // may be NULL; not timed
	uint64_t (*run)(void);
};

extern const struct kernel loop_kernels[], call_kernels[], data_kernels[], float_kernels[], fused_kernels[],
	simd_kernels[], libc_kernels[], zlib_kernels[], bzip2_kernels[], lua_kernels[], sqlite_kernels[];

// Keeps the compiler from inlining or cloning what a kernel wants called.
#define NOINLINE __attribute__((noinline, noclone))

// mix folds v into the checksum h (a multiplication by an odd constant and a
// rotation, so that order matters).
static inline uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h << 29 | h >> 35;
}

// next_random is xorshift64*: the same sequence from the same seed everywhere.
static inline uint64_t next_random(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * 0x2545f4914f6cdd1du;
}

// fill_text writes n bytes of words and spaces, of about the entropy of
// English, with no zero byte.
void fill_text(char *p, size_t n, uint64_t seed);

#endif
