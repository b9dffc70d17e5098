// Calls: recursion, small functions, function pointers, and an interpreter's
// dispatch loop.
#include "bench.h"

static NOINLINE uint32_t fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint64_t run_fib(void)
{
	return fib(32);
}

static NOINLINE uint64_t call_add(uint64_t a, uint64_t b) { return a + b; }
static NOINLINE uint64_t call_xor(uint64_t a, uint64_t b) { return a ^ b << 1; }
static NOINLINE uint64_t call_mul(uint64_t a, uint64_t b) { return a * (b | 1); }
static NOINLINE uint64_t call_rot(uint64_t a, uint64_t b) { return a << 13 | a >> 51 | (b & 1); }

// dcall: three direct calls of leaf functions for each turn of the loop.
static uint64_t run_dcall(void)
{
	uint64_t h = 1;
	for (uint64_t i = 0; i < 3000000; i++)
		h = call_rot(call_mul(call_add(h, i), i), h);
	return h;
}

// icall: one of four functions through a pointer, in an order that does not
// repeat.
static uint64_t run_icall(void)
{
	static uint64_t (*const volatile table[4])(uint64_t, uint64_t) = {call_add, call_xor, call_mul, call_rot};
	uint64_t h = 1, s = 99;
	for (uint64_t i = 0; i < 3000000; i++) {
		s = s * 6364136223846793005u + 1442695040888963407u;
		h = table[s >> 62](h, i);
	}
	return h;
}

// interp: a stack machine with a switch. The program sums the Collatz lengths
// of the numbers below 3,000.
enum { PUSH, LOAD, STORE, ADD, SUB, MUL3, HALF, ODD, JZ, JMP, LESS, HALT };

static const int16_t program[] = {
	PUSH, 1, STORE, 0,                       // n = 1
	/*4*/ LOAD, 0, STORE, 1,                 // outer: x = n
	/*8*/ LOAD, 1, PUSH, 1, SUB, JZ, 41,     // inner: if x == 1 goto done
	/*15*/ LOAD, 2, PUSH, 1, ADD, STORE, 2,  // steps++
	/*22*/ LOAD, 1, ODD, JZ, 35,             // if x even goto even
	/*27*/ LOAD, 1, MUL3, PUSH, 1, ADD, JMP, 38,
	/*35*/ LOAD, 1, HALF,                    // even: x / 2
	/*38*/ STORE, 1, -1,                     // x = top; back to inner (the default case)
	/*41*/ LOAD, 0, PUSH, 1, ADD, STORE, 0,  // done: n++
	/*48*/ LOAD, 0, PUSH, 3000, LESS, JZ, 57, JMP, 4,
	/*57*/ HALT};

static NOINLINE uint64_t interpret(const int16_t *code)
{
	int64_t stack[16], var[4] = {0};
	int sp = 0;
	for (const int16_t *pc = code;;) {
		switch (*pc++) {
		case PUSH: stack[sp++] = *pc++; break;
		case LOAD: stack[sp++] = var[*pc++]; break;
		case STORE: var[*pc++] = stack[--sp]; break;
		case ADD: sp--; stack[sp - 1] += stack[sp]; break;
		case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
		case MUL3: stack[sp - 1] *= 3; break;
		case HALF: stack[sp - 1] >>= 1; break;
		case ODD: stack[sp - 1] &= 1; break;
		case JZ: pc = stack[--sp] ? pc + 1 : code + *pc; break;
		case JMP: pc = code + *pc; break;
		case LESS: sp--; stack[sp - 1] = stack[sp - 1] < stack[sp]; break;
		case HALT: return var[2];
		default: pc = code + 8; break; // the loop's back edge
		}
	}
}

static uint64_t run_interp(void)
{
	return mix(interpret(program), interpret(program));
}

const struct kernel call_kernels[] = {
	{"fib", "call", NULL, run_fib},
	{"dcall", "call", NULL, run_dcall},
	{"icall", "call", NULL, run_icall},
	{"interp", "loop", NULL, run_interp},
	{0},
};
