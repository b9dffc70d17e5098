// bench: kernels for measuring a machine, selectable by name.
//
//	bench list                    names and kinds, one kernel a line
//	bench [-r REPS] NAME...|all   for each: name checksum best first
//	bench getpid N                nanoseconds a system call, over N calls
//	bench read N                  the same for reads of 4 KiB of this program's file
//
// best and first are nanoseconds: the fastest of REPS runs, and the first,
// which pays for translation and cold caches.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static const struct kernel *const groups[] = {
	loop_kernels, call_kernels, data_kernels, float_kernels, simd_kernels,
#ifdef HAVE_ZLIB
	zlib_kernels,
#endif
#ifdef HAVE_BZIP2
	bzip2_kernels,
#endif
#ifdef HAVE_LUA
	lua_kernels,
#endif
#ifdef HAVE_SQLITE
	sqlite_kernels,
#endif
	fused_kernels, libc_kernels,
};

void fill_text(char *p, size_t n, uint64_t seed)
{
	// 512 words of 2 to 9 letters; low numbers are drawn more often.
	static char words[512][10];
	uint64_t s = 12345;
	for (int i = 0; i < 512; i++) {
		int len = 2 + next_random(&s) % 8;
		for (int j = 0; j < len; j++)
			words[i][j] = "etaoinshrdlucmfw"[next_random(&s) % 16];
		words[i][len] = 0;
	}
	s = seed;
	for (size_t i = 0; i < n;) {
		uint64_t r = next_random(&s);
		const char *w = words[(r & 511) * (r >> 16 & 511) >> 9];
		while (*w && i < n)
			p[i++] = *w++;
		if (i < n)
			p[i++] = (r >> 40 & 15) ? ' ' : '\n';
	}
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int run_kernel(const struct kernel *k, int reps)
{
	if (k->setup)
		k->setup();
	uint64_t sum = 0, best = 0, first = 0;
	for (int i = 0; i < reps; i++) {
		uint64_t t = now();
		uint64_t got = k->run();
		t = now() - t;
		if (i == 0) {
			sum = got;
			best = first = t;
		} else if (got != sum) {
			printf("%s: run %d gave %016llx, the first gave %016llx\n", k->name, i, (unsigned long long)got,
			       (unsigned long long)sum);
			return 1;
		}
		if (t < best)
			best = t;
	}
	printf("%s %016llx %llu %llu\n", k->name, (unsigned long long)sum, (unsigned long long)best,
	       (unsigned long long)first);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	int reps = 5, status = 0;
	if (argc == 3 && !strcmp(argv[1], "getpid")) {
		long n = atol(argv[2]);
		uint64_t t = now();
		for (long i = 0; i < n; i++)
			syscall(SYS_getpid);
		printf("%.1f\n", (double)(now() - t) / n);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "read")) {
		static char page[4096];
		long n = atol(argv[2]);
		int fd = open(argv[0], O_RDONLY);
		uint64_t t = now();
		for (long i = 0; i < n; i++)
			if (pread(fd, page, sizeof page, i % 16 * sizeof page) != sizeof page) {
				perror(argv[0]);
				return 1;
			}
		printf("%.1f\n", (double)(now() - t) / n);
		return 0;
	}
	argv++;
	if (*argv && !strcmp(*argv, "-r") && argv[1]) {
		reps = atoi(argv[1]);
		argv += 2;
	}
	if (!*argv || reps < 1) {
		fprintf(stderr, "usage: bench list | [-r REPS] NAME...|all | getpid N | read N\n");
		return 2;
	}
	int list = !strcmp(*argv, "list"), all = !strcmp(*argv, "all");
	for (; *argv; argv++) {
		int found = 0;
		for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
			for (const struct kernel *k = groups[g]; k->name; k++) {
				if (list)
					printf("%s %s\n", k->name, k->kind);
				else if (all || !strcmp(*argv, k->name))
					status |= run_kernel(k, reps);
				else
					continue;
				found = 1;
			}
		if (!found) {
			fprintf(stderr, "bench: no kernel %s\n", *argv);
			status = 2;
		}
	}
	return status;
}
