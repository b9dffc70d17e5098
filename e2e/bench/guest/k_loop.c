// Integer loops: no calls, data in the first-level cache.
#include "bench.h"

// intmix: shifts, rotates, multiplications, divisions, bit counts, compares.
static uint64_t run_intmix(void)
{
	uint64_t a = 1, b = 0x123456789abcdefu, h = 0;
	uint32_t c = 7;
	for (uint32_t i = 1; i <= 2000000; i++) {
		a = a * 6364136223846793005u + 1442695040888963407u;
		b ^= a >> 17 | a << 47;
		c += (uint32_t)(b >> 32) / (i | 1);
		c ^= c << 5;
		if ((int32_t)c < 0)
			h += __builtin_clzll(a | 1);
		else
			h ^= (uint64_t)c * (uint32_t)a;
		b = b > a ? b - a : b + (h & 0xffff);
	}
	return mix(mix(mix(a, b), c), h);
}

static uint8_t crc_data[1 << 16];
static uint32_t crc_table[256];

static void setup_crc32(void)
{
	uint64_t s = 1;
	for (size_t i = 0; i < sizeof crc_data; i++)
		crc_data[i] = next_random(&s) >> 56;
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		crc_table[i] = c;
	}
}

// crc32: a table look-up and an exclusive or for each byte.
static uint64_t run_crc32(void)
{
	uint32_t c = ~0u;
	for (int rep = 0; rep < 120; rep++)
		for (size_t i = 0; i < sizeof crc_data; i++)
			c = crc_table[(c ^ crc_data[i]) & 0xff] ^ c >> 8;
	return ~c;
}

static const uint32_t sha_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
	0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
	0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2};

static inline uint32_t ror(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void sha256_block(uint32_t st[8], const uint8_t *p)
{
	uint32_t w[64];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + (ror(x, 7) ^ ror(x, 18) ^ x >> 3) + (ror(y, 17) ^ ror(y, 19) ^ y >> 10);
	}
	uint32_t a = st[0], b = st[1], c = st[2], d = st[3], e = st[4], f = st[5], g = st[6], h = st[7];
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = h + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & f) ^ (~e & g)) + sha_k[i] + w[i];
		uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
	}
	st[0] += a, st[1] += b, st[2] += c, st[3] += d, st[4] += e, st[5] += f, st[6] += g, st[7] += h;
}

// sha256: the compression function, over 4 MiB.
static uint64_t run_sha256(void)
{
	uint32_t st[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	for (int rep = 0; rep < 64; rep++)
		for (size_t i = 0; i < sizeof crc_data; i += 64)
			sha256_block(st, crc_data + i);
	return (uint64_t)st[0] << 32 | st[7];
}

// sieve: byte stores at a stride, then a counting loop.
static uint64_t run_sieve(void)
{
	static uint8_t composite[1 << 18];
	uint64_t h = 0;
	for (int rep = 0; rep < 30; rep++) {
		for (uint32_t i = 0; i < sizeof composite; i++)
			composite[i] = 0;
		for (uint32_t i = 2; i * i < sizeof composite; i++)
			if (!composite[i])
				for (uint32_t j = i * i; j < sizeof composite; j += i)
					composite[j] = 1;
		uint32_t n = 0;
		for (uint32_t i = 2 + rep; i < sizeof composite; i++)
			if (!composite[i])
				n += i & 0xff;
		h = mix(h, n);
	}
	return h;
}

const struct kernel loop_kernels[] = {
	{"intmix", "loop", NULL, run_intmix},
	{"crc32", "loop", setup_crc32, run_crc32},
	{"sha256", "loop", setup_crc32, run_sha256},
	{"sieve", "loop", NULL, run_sieve},
	{0},
};
