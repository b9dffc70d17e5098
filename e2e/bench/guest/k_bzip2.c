// libbz2, as Debian builds it: block sorting and Huffman coding.
#include <bzlib.h>
#include <stdlib.h>

#include "bench.h"

static char plain[200000], packed[220000];

static void setup_bzip2(void)
{
	fill_text(plain, sizeof plain, 31);
}

static uint64_t run_bzip2(void)
{
	unsigned n = sizeof packed;
	uint64_t h = 0;
	if (BZ2_bzBuffToBuffCompress(packed, &n, plain, sizeof plain, 2, 0, 0) != BZ_OK)
		abort();
	for (unsigned i = 0; i < n; i += 7)
		h = mix(h, (unsigned char)packed[i]);
	return mix(h, n);
}

const struct kernel bzip2_kernels[] = {
	{"bzip2", "lib", setup_bzip2, run_bzip2},
	{0},
};
