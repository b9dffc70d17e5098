// Floating point. This file is compiled twice: with -ffp-contract=off for the
// kinds fp, and with -DFUSED and the compiler's default contraction for the
// kind fma, where aarch64 gcc makes an FMADD of each a*b+c.
#include <math.h>
#include <string.h>

#include "bench.h"

static inline uint64_t bits(double d)
{
	uint64_t u;
	memcpy(&u, &d, 8);
	return u;
}

struct body {
	double x, y, z, vx, vy, vz, m;
};

// nbody: five bodies that attract each other; multiplications, a square root
// and a division for each pair.
static uint64_t run_nbody(void)
{
	struct body b[5];
	uint64_t s = 3;
	for (int i = 0; i < 5; i++) {
		double *p = &b[i].x;
		for (int j = 0; j < 7; j++)
			p[j] = (double)(next_random(&s) >> 40) / (1 << 24) + (j == 6 ? 0.5 : -0.5) + i * (j < 3);
	}
	for (int step = 0; step < 100000; step++) {
		for (int i = 0; i < 5; i++)
			for (int j = i + 1; j < 5; j++) {
				double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
				double d2 = dx * dx + dy * dy + dz * dz + 0.01;
				double mag = 1e-4 / (d2 * sqrt(d2));
				b[i].vx -= dx * b[j].m * mag, b[i].vy -= dy * b[j].m * mag, b[i].vz -= dz * b[j].m * mag;
				b[j].vx += dx * b[i].m * mag, b[j].vy += dy * b[i].m * mag, b[j].vz += dz * b[i].m * mag;
			}
		for (int i = 0; i < 5; i++)
			b[i].x += b[i].vx * 1e-4, b[i].y += b[i].vy * 1e-4, b[i].z += b[i].vz * 1e-4;
	}
	uint64_t h = 0;
	for (int i = 0; i < 5; i++)
		h = mix(mix(mix(h, bits(b[i].x)), bits(b[i].y)), bits(b[i].z));
	return h;
}

// mandel: escape times of a 128 x 128 grid.
static uint64_t run_mandel(void)
{
	uint64_t h = 0;
	for (int py = 0; py < 128; py++)
		for (int px = 0; px < 128; px++) {
			double cx = -2 + px * (2.5 / 128), cy = -1.25 + py * (2.5 / 128), x = 0, y = 0;
			int n = 0;
			while (n < 1000 && x * x + y * y < 4) {
				double t = x * x - y * y + cx;
				y = 2 * x * y + cy;
				x = t;
				n++;
			}
			h = mix(h, n);
		}
	return h;
}

// matmul: 96 x 96 doubles, the textbook loops.
static uint64_t run_matmul(void)
{
	enum { N = 96 };
	static double a[N][N], b[N][N], c[N][N];
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = 1.0 / (i + j + 1);
			b[i][j] = 0.5 + (i * 7 + j * 3) % 11 / 16.0;
		}
	uint64_t h = 0;
	for (int rep = 0; rep < 12; rep++) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				double sum = 0;
				for (int k = 0; k < N; k++)
					sum += a[i][k] * b[k][j];
				c[i][j] = sum;
			}
		a[rep][rep] += c[rep][0] * 1e-3;
		h = mix(h, bits(c[rep][N - 1 - rep]));
	}
	return h;
}

#ifdef FUSED

// horner: a polynomial of degree 12 evaluated at many points: one long chain
// of dependent multiply-adds.
static uint64_t run_horner(void)
{
	double sum = 0;
	for (int i = 0; i < 300000; i++) {
		double x = i * (1.0 / 300000), p = 1.0 / 479001600;
		p = p * x + 1.0 / 39916800;
		p = p * x + 1.0 / 3628800;
		p = p * x + 1.0 / 362880;
		p = p * x + 1.0 / 40320;
		p = p * x + 1.0 / 5040;
		p = p * x + 1.0 / 720;
		p = p * x + 1.0 / 120;
		p = p * x + 1.0 / 24;
		p = p * x + 1.0 / 6;
		p = p * x + 0.5;
		p = p * x + 1;
		p = p * x + 1;
		sum += p;
	}
	return bits(sum);
}

const struct kernel fused_kernels[] = {
	{"nbody-fma", "fma", NULL, run_nbody},
	{"mandel-fma", "fma", NULL, run_mandel},
	{"matmul-fma", "fma", NULL, run_matmul},
	{"horner-fma", "fma", NULL, run_horner},
	{0},
};

#else

// fft: a transform of 4,096 points and back, with conversions and singles in
// the twiddle table.
static uint64_t run_fft(void)
{
	enum { LOG = 12, N = 1 << LOG };
	static float wr[N / 2], wi[N / 2], re[N], im[N];
	// The table by complex squaring downwards would lose bits; rotate by a
	// constant instead, in double.
	double c = 1, s = 0;
	const double rc = 0.99999882345170188, rs = 0.0015339801862847655; // cos, sin of 2 pi / N
	for (int i = 0; i < N / 2; i++) {
		wr[i] = c, wi[i] = s;
		double t = c * rc - s * rs;
		s = c * rs + s * rc;
		c = t;
	}
	for (int i = 0; i < N; i++)
		re[i] = (i * 37 % 101) - 50, im[i] = 0;
	uint64_t h = 0;
	for (int rep = 0; rep < 64; rep++) {
		for (int i = 0, j = 0; i < N; i++) { // bit reversal
			if (i < j) {
				float t = re[i];
				re[i] = re[j], re[j] = t;
				t = im[i], im[i] = im[j], im[j] = t;
			}
			int m = N >> 1;
			for (; m && j & m; m >>= 1)
				j ^= m;
			j |= m;
		}
		for (int half = 1, step = N / 2; half < N; half *= 2, step /= 2)
			for (int base = 0; base < N; base += 2 * half)
				for (int k = 0; k < half; k++) {
					float ur = wr[k * step], ui = rep & 1 ? -wi[k * step] : wi[k * step];
					int p = base + k, q = p + half;
					float tr = re[q] * ur - im[q] * ui, ti = re[q] * ui + im[q] * ur;
					re[q] = re[p] - tr, im[q] = im[p] - ti;
					re[p] += tr, im[p] += ti;
				}
		if (rep & 1)
			for (int i = 0; i < N; i++)
				re[i] *= 1.0f / N, im[i] *= 1.0f / N;
		h = mix(h, (int64_t)(re[rep * 7 + 1] * 1000));
	}
	return h;
}

const struct kernel float_kernels[] = {
	{"nbody", "fp", NULL, run_nbody},
	{"mandel", "fp", NULL, run_mandel},
	{"matmul", "fp", NULL, run_matmul},
	{"fft", "fp", NULL, run_fft},
	{0},
};

#endif
