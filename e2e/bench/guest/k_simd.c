// SIMD through gcc's vector extensions: NEON on arm64, SSE2 natively, from
// the same source.
#include <string.h>

#include "bench.h"

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));

enum { W = 512, H = 64 };
static int16_t image[H][W], filtered[H][W];
static float xs[8192], ys[8192];
static char text[1 << 16];

#define LOAD(type, p) ({ type v_; memcpy(&v_, (p), sizeof v_); v_; })
#define STORE(p, v) ({ __typeof__(v) v_ = (v); memcpy((p), &v_, sizeof v_); })

static void setup_simd(void)
{
	uint64_t s = 17;
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			image[y][x] = next_random(&s) >> 55;
	for (int i = 0; i < 8192; i++)
		xs[i] = (float)(next_random(&s) >> 48) / 65536, ys[i] = 0;
	fill_text(text, sizeof text, 19);
}

// vconv: a 3 x 3 filter on 16-bit pixels, eight at a time.
static uint64_t run_vconv(void)
{
	uint64_t h = 0;
	for (int rep = 0; rep < 800; rep++) {
		i16x8 c = (i16x8){0} + (int16_t)(rep % 4 + 1);
		for (int y = 1; y < H - 1; y++)
			for (int x = 8; x < W - 8; x += 8) {
				i16x8 sum = LOAD(i16x8, &image[y][x]) * 4;
				sum += (LOAD(i16x8, &image[y][x - 1]) + LOAD(i16x8, &image[y][x + 1])) * c;
				sum += (LOAD(i16x8, &image[y - 1][x]) + LOAD(i16x8, &image[y + 1][x])) * c;
				sum -= LOAD(i16x8, &image[y - 1][x - 1]) + LOAD(i16x8, &image[y + 1][x + 1]);
				sum = sum >> 3;
				i16x8 low = sum < 0, high = sum > 255;
				STORE(&filtered[y][x], (sum & ~low & ~high) | (high & 255));
			}
		h = mix(h, (uint16_t)filtered[1 + rep % 60][8 + rep % 400]);
	}
	return h;
}

// vsaxpy: y += a * x on singles, then a dot product; no contraction.
static uint64_t run_vsaxpy(void)
{
	memset(ys, 0, sizeof ys);
	f32x4 dot = {0};
	for (int rep = 0; rep < 1500; rep++) {
		f32x4 a = {0};
		a += 1.0f / (rep + 1);
		for (int i = 0; i < 8192; i += 4) {
			f32x4 x = LOAD(f32x4, xs + i), y = LOAD(f32x4, ys + i);
			y = y + a * x;
			STORE(ys + i, y);
			dot += y * x;
		}
	}
	u32x4 u = LOAD(u32x4, &dot);
	return mix(mix(u[0], u[1]), mix(u[2], u[3]));
}

// vscan: finds the bytes of text that equal a needle, and counts them: the
// inside of memchr and of a lexer.
static uint64_t run_vscan(void)
{
	uint64_t h = 0;
	for (int rep = 0; rep < 1500; rep++) {
		u8x16 needle = {0}, count = {0};
		needle += (uint8_t)"etaoin shr\ndl"[rep % 13];
		uint64_t total = 0, hits = 0;
		for (size_t i = 0; i < sizeof text; i += 64) {
			u8x16 m0 = LOAD(u8x16, text + i) == needle, m1 = LOAD(u8x16, text + i + 16) == needle;
			u8x16 m2 = LOAD(u8x16, text + i + 32) == needle, m3 = LOAD(u8x16, text + i + 48) == needle;
			count -= m0 + m1 + m2 + m3;
			uint64_t any[2];
			u8x16 m = m0 | m1 | m2 | m3;
			memcpy(any, &m, 16);
			hits += (any[0] | any[1]) != 0;
			if ((i & 0xfc0) == 0xfc0) { // before a byte overflows
				for (int k = 0; k < 16; k++)
					total += count[k];
				count ^= count;
			}
		}
		h = mix(h, total * 4096 + hits);
	}
	return h;
}

// vblend: 8-bit alpha blending through 16 bits, with shuffles and narrowing.
static uint64_t run_vblend(void)
{
	static uint8_t dst[1 << 14];
	const u8x16 even = {0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30};
	memset(dst, 7, sizeof dst);
	for (int rep = 0; rep < 2500; rep++) {
		i16x8 alpha = (i16x8){0} + (int16_t)(rep % 128);
		for (size_t i = 0; i < sizeof dst; i += 16) {
			u8x16 s = LOAD(u8x16, text + i + (rep & 15)), d = LOAD(u8x16, dst + i);
			i16x8 s0 = (i16x8)s & 255, s1 = (i16x8)((i16x8)s >> 8) & 255;
			i16x8 d0 = (i16x8)d & 255, d1 = (i16x8)((i16x8)d >> 8) & 255;
			d0 += (s0 - d0) * alpha >> 7;
			d1 += (s1 - d1) * alpha >> 7;
			STORE(dst + i, __builtin_shuffle((u8x16)d0, (u8x16)d1, even));
		}
	}
	uint64_t h = 0;
	for (size_t i = 0; i < sizeof dst; i++)
		h = mix(h, dst[i]);
	return h;
}

const struct kernel simd_kernels[] = {
	{"vconv", "simd", setup_simd, run_vconv},
	{"vsaxpy", "simd", setup_simd, run_vsaxpy},
	{"vscan", "simd", setup_simd, run_vscan},
	{"vblend", "simd", setup_simd, run_vblend},
	{0},
};
