// oracle executes single instructions on given register states, on whatever
// core or emulator runs it, and reports the states after them.
//
// It reads batches from standard input and answers each on standard output,
// all numbers little-endian:
//
//	batch:  u32 slots, u32 cases, u32 mode (not looked at here); slots of 16 words;
//	        cases of {u32 slot, u32 0, state}
//	answer: a state for each case
//
// A slot is 64 bytes of code at CODE + 64*i. Its first two words are the
// oracle's; the case starts at the third. A zero word stands for an exit: the
// state's exit field says which word was reached, or 256 + the number of the
// signal that the case raised (state then as the signal found it).
//
// The addresses of the window (which the case's memory is copied to) and of
// the code are part of the contract: instructions see them.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum {
	ARENA = 0x1000000,  // one page before the window and what follows it are mapped and zero
	WINDOW = 0x1010000, // 256 bytes of the case's memory
	CODE = 0x1020000,
	SLOTS = 2048,
	ARENA_SIZE = 0x20000 + SLOTS * 64,
	WORDS = 16,
};

struct state {
	uint64_t x[32]; // x0 to x30, sp
	uint64_t v[32][2];
	uint32_t nzcv, fpcr, fpsr, exit;
	uint8_t mem[256];
};

_Static_assert(sizeof(struct state) == 1040, "the layout is shared with state.go");

struct request {
	uint32_t slot, zero;
	struct state state;
};

struct state *current; // what the exit stubs write to
uint64_t saved[14];    // the oracle's own x19 to x29, sp, x30 and thread pointer
static volatile sig_atomic_t raised;

void enter(struct state *s, void *code);
extern char stubs[]; // 16 exit stubs, 32 bytes each

__asm__(
	".text\n"
	".p2align 5\n"
	"stubs:\n"
	".irp k,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	// The thread pointer is the only register that no case uses.
	"	msr tpidr_el0, x0\n"
	"	adrp x0, current\n"
	"	ldr x0, [x0, :lo12:current]\n"
	"	str x1, [x0, #8]\n"
	"	mov x1, #\\k\n"
	"	b leave\n"
	"	nop\n"
	"	nop\n"
	".endr\n"

	"leave:\n"
	"	str w1, [x0, #780]\n"
	".irp n,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
	"	str x\\n, [x0, #8 * \\n]\n"
	".endr\n"
	"	mov x1, sp\n	str x1, [x0, #248]\n"
	"	mrs x1, tpidr_el0\n	str x1, [x0]\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	str q\\n, [x0, #256 + 16 * \\n]\n"
	".endr\n"
	"	mrs x1, nzcv\n	mrs x2, fpcr\n	mrs x3, fpsr\n"
	"	str w1, [x0, #768]\n	str w2, [x0, #772]\n	str w3, [x0, #776]\n"
	"	msr fpcr, xzr\n"
	"	adrp x0, saved\n	add x0, x0, :lo12:saved\n"
	"	ldp x19, x20, [x0]\n	ldp x21, x22, [x0, #16]\n	ldp x23, x24, [x0, #32]\n"
	"	ldp x25, x26, [x0, #48]\n	ldp x27, x28, [x0, #64]\n	ldp x29, x30, [x0, #80]\n"
	"	ldp x1, x2, [x0, #96]\n	mov sp, x1\n	msr tpidr_el0, x2\n"
	"	ret\n"

	".globl enter\n"
	"enter:\n"
	"	adrp x2, saved\n	add x2, x2, :lo12:saved\n"
	"	stp x19, x20, [x2]\n	stp x21, x22, [x2, #16]\n	stp x23, x24, [x2, #32]\n"
	"	stp x25, x26, [x2, #48]\n	stp x27, x28, [x2, #64]\n	stp x29, x30, [x2, #80]\n"
	"	mov x3, sp\n	mrs x4, tpidr_el0\n	stp x3, x4, [x2, #96]\n"
	"	mov x30, x1\n"
	"	ldr x1, [x0, #248]\n	mov sp, x1\n"
	"	ldr w1, [x0, #768]\n	ldr w2, [x0, #772]\n	ldr w3, [x0, #776]\n"
	"	msr nzcv, x1\n	msr fpcr, x2\n	msr fpsr, x3\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	ldr q\\n, [x0, #256 + 16 * \\n]\n"
	".endr\n"
	".irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29\n"
	"	ldr x\\n, [x0, #8 * \\n]\n"
	".endr\n"
	"	clrex\n"
	"	br x30\n" // to the slot's two words, which load x30 and x0
);

static void on_signal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	raised = sig;
	uc->uc_mcontext.pc = (uintptr_t)stubs;
}

static void read_all(void *p, size_t n)
{
	if (fread(p, 1, n, stdin) != n) {
		fprintf(stderr, "oracle: input ends within a batch\n");
		exit(1);
	}
}

int main(void)
{
	uint8_t *arena = mmap((void *)ARENA, ARENA_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
	                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (arena != (void *)ARENA) {
		perror("oracle: mmap");
		return 1;
	}
	static char alternate[65536];
	sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
	struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	for (const int *s = (const int[]){SIGILL, SIGSEGV, SIGBUS, SIGTRAP, SIGFPE, 0}; *s; s++)
		sigaction(*s, &act, NULL);
	static char in[1 << 20], out[1 << 20];
	setvbuf(stdin, in, _IOFBF, sizeof in);
	setvbuf(stdout, out, _IOFBF, sizeof out);

	uint32_t head[3];
	while (fread(head, sizeof head, 1, stdin) == 1) {
		if (head[0] > SLOTS) {
			fprintf(stderr, "oracle: %u slots in a batch\n", head[0]);
			return 1;
		}
		uint32_t *code = (uint32_t *)CODE;
		read_all(code, head[0] * WORDS * 4);
		for (uint32_t i = 0; i < head[0] * WORDS; i++)
			if (i % WORDS == 0)
				code[i] = 0xf940781e; // ldr x30, [x0, #240]
			else if (i % WORDS == 1)
				code[i] = 0xf9400000; // ldr x0, [x0]
			else if (code[i] == 0) // b stub
				code[i] = 0x14000000 |
				          (((uintptr_t)stubs + i % WORDS * 32 - (uintptr_t)&code[i]) >> 2 & 0x3ffffff);
		__builtin___clear_cache((char *)code, (char *)(code + head[0] * WORDS));
		for (uint32_t i = 0; i < head[1]; i++) {
			static struct request r;
			read_all(&r, sizeof r);
			if (r.slot >= head[0]) {
				fprintf(stderr, "oracle: slot %u of %u\n", r.slot, head[0]);
				return 1;
			}
			memcpy((void *)WINDOW, r.state.mem, sizeof r.state.mem);
			current = &r.state;
			raised = 0;
			enter(&r.state, code + r.slot * WORDS);
			if (raised)
				r.state.exit = 256 + raised;
			memcpy(r.state.mem, (void *)WINDOW, sizeof r.state.mem);
			fwrite(&r.state, sizeof r.state, 1, stdout);
		}
		fflush(stdout);
	}
	return 0;
}
