// The C library's own string functions. Natively these are AVX2, on arm64
// NEON, so the report keeps the kernel apart.
#include <string.h>

#include "bench.h"

static char text[1 << 16], copy[1 << 16];

static void setup_libcstr(void)
{
	fill_text(text, sizeof text - 1, 23);
}

static uint64_t run_libcstr(void)
{
	uint64_t h = 0;
	for (int rep = 0; rep < 200; rep++) {
		memcpy(copy, text, sizeof copy);
		h = mix(h, strlen(copy));
		copy[sizeof copy - 2 - rep] ^= 1;
		h = mix(h, strcmp(text, copy) > 0);
		uint64_t n = 0;
		for (const char *p = text; (p = strchr(p, '\n')); p++)
			n += p - text;
		h = mix(h, n);
		memset(copy, rep, 4096);
		h = mix(h, memcmp(copy, text, sizeof copy) > 0);
		h = mix(h, strstr(text + rep * 16, "eta eta eta") != NULL);
	}
	return h;
}

const struct kernel libc_kernels[] = {
	{"libcstr", "libc", setup_libcstr, run_libcstr},
	{0},
};
