// zlib, as Debian builds it: deflate at level 6, and inflate.
#include <stdlib.h>
#include <zlib.h>

#include "bench.h"

static unsigned char plain[400000], packed[400000], again[400000];
static uLongf packed_len;

static void setup_zlib(void)
{
	fill_text((char *)plain, sizeof plain, 29);
	packed_len = sizeof packed;
	if (compress2(packed, &packed_len, plain, sizeof plain, 6) != Z_OK)
		abort();
}

static uint64_t run_deflate(void)
{
	uLongf n = sizeof packed;
	if (compress2(packed, &n, plain, sizeof plain, 6) != Z_OK)
		abort();
	return mix(n, crc32(0, packed, n));
}

static uint64_t run_inflate(void)
{
	uint64_t h = 0;
	for (int rep = 0; rep < 8; rep++) {
		uLongf n = sizeof again;
		if (uncompress(again, &n, packed, packed_len) != Z_OK)
			abort();
		h = mix(h, adler32(1, again, n));
	}
	return h;
}

const struct kernel zlib_kernels[] = {
	{"deflate", "lib", setup_zlib, run_deflate},
	{"inflate", "lib", setup_zlib, run_inflate},
	{0},
};
