// Data structures: sorting, trees, hash tables, strings.
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static NOINLINE void quicksort(int32_t *a, int lo, int hi)
{
	while (lo < hi) {
		int32_t pivot = a[lo + (hi - lo) / 2];
		int i = lo, j = hi;
		while (i <= j) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i <= j) {
				int32_t t = a[i];
				a[i++] = a[j];
				a[j--] = t;
			}
		}
		quicksort(a, lo, j);
		lo = i;
	}
}

static uint64_t run_qsort(void)
{
	enum { N = 220000 };
	static int32_t a[N];
	uint64_t s = 42, h = 0;
	for (int i = 0; i < N; i++)
		a[i] = next_random(&s) >> 32;
	quicksort(a, 0, N - 1);
	for (int i = 0; i < N; i += 97)
		h = mix(h, a[i]);
	return h;
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

// qsortcb: the C library's qsort, so a call back for each comparison.
static uint64_t run_qsortcb(void)
{
	enum { N = 100000 };
	static uint32_t a[N];
	uint64_t s = 43, h = 0;
	for (int i = 0; i < N; i++)
		a[i] = next_random(&s) >> 32;
	qsort(a, N, sizeof *a, compare_u32);
	for (int i = 0; i < N; i += 97)
		h = mix(h, a[i]);
	return h;
}

struct node {
	struct node *child[2];
	uint64_t key;
};

enum { NODES = 20000 };
static struct node nodes[NODES];
static uint64_t keys[NODES];

static void setup_tree(void)
{
	uint64_t s = 7;
	memset(nodes, 0, sizeof nodes);
	for (int i = 0; i < NODES; i++) {
		nodes[i].key = keys[i] = next_random(&s);
		if (i == 0)
			continue;
		struct node *n = nodes;
		for (;;) {
			struct node **next = &n->child[keys[i] > n->key];
			if (!*next) {
				*next = &nodes[i];
				break;
			}
			n = *next;
		}
	}
}

// tree: look-ups in an unbalanced binary tree of 20,000 nodes, half of them
// of keys that are not there.
static uint64_t run_tree(void)
{
	uint64_t h = 0;
	for (uint32_t i = 0; i < 160000; i++) {
		uint64_t want = keys[(i * 7919u) % NODES] + (i & 1);
		uint32_t depth = 0;
		for (const struct node *n = nodes; n; n = n->child[want > n->key]) {
			depth++;
			if (n->key == want)
				break;
		}
		h += depth * (i | 1);
	}
	return h;
}

struct entry {
	struct entry *next;
	uint32_t key, count;
};

// hash: a table with chains; inserts and counts, then walks all lists.
static uint64_t run_hash(void)
{
	enum { BUCKETS = 1 << 12, ENTRIES = 1 << 14 };
	static struct entry *table[BUCKETS], pool[ENTRIES];
	uint64_t s = 5, h = 0;
	uint32_t used = 0;
	memset(table, 0, sizeof table);
	for (uint32_t i = 0; i < 600000; i++) {
		uint32_t key = (uint32_t)(next_random(&s) >> 50) * 2654435761u;
		struct entry **b = &table[key >> 20], *e = *b;
		while (e && e->key != key)
			e = e->next;
		if (!e) {
			e = &pool[used++];
			*e = (struct entry){*b, key, 0};
			*b = e;
		}
		e->count++;
	}
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (struct entry *e = table[i]; e; e = e->next)
			h = mix(h, (uint64_t)e->key * e->count);
	return h + used;
}

static char text[1 << 16];

static void setup_text(void)
{
	fill_text(text, sizeof text - 1, 11);
	text[sizeof text - 1] = 0;
}

static NOINLINE size_t str_length(const char *s)
{
	const char *p = s;
	while (*p)
		p++;
	return p - s;
}

static NOINLINE int str_compare(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

static NOINLINE uint32_t word_count(const char *s)
{
	uint32_t n = 0;
	int in = 0;
	for (; *s; s++) {
		int space = *s == ' ' || *s == '\n' || *s == '\t';
		n += !space && !in;
		in = !space;
	}
	return n;
}

// strings: byte loops over text: length, comparison, words, upper case.
static uint64_t run_strings(void)
{
	static char copy[sizeof text];
	uint64_t h = 0;
	memcpy(copy, text, sizeof text);
	for (int rep = 0; rep < 60; rep++) {
		copy[sizeof copy - 2 - rep * 13] ^= 1;
		h = mix(h, str_length(text) + word_count(copy));
		h = mix(h, str_compare(text, copy));
		for (char *p = copy; *p; p++)
			if (*p >= 'a' && *p <= 'z')
				*p ^= rep & 1 ? 0 : 4;
		memcpy(copy, text, sizeof text);
	}
	return h;
}

const struct kernel data_kernels[] = {
	{"qsort", "loop", NULL, run_qsort},
	{"qsortcb", "call", NULL, run_qsortcb},
	{"tree", "loop", setup_tree, run_tree},
	{"hash", "loop", NULL, run_hash},
	{"strings", "loop", setup_text, run_strings},
	{0},
};
