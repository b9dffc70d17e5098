package wasm

import (
	"context"
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// validator returns a function that says why wazero refuses a module, or nil.
func validator(t testing.TB) func(bin []byte) error {
	t.Helper()
	ctx := context.Background()
	// The interpreter validates as the compiler does, and starts faster.
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(
		api.CoreFeaturesV2|experimental.CoreFeaturesThreads|experimental.CoreFeaturesTailCall))
	t.Cleanup(func() { rt.Close(ctx) })
	return func(bin []byte) error {
		m, err := rt.CompileModule(ctx, bin)
		if err == nil {
			err = m.Close(ctx)
		}
		return err
	}
}

func pushZero(c *Code, t ValType) {
	switch t {
	case I32:
		c.I32Const(0)
	case I64:
		c.I64Const(0)
	case F32:
		c.F32Const(0)
	case F64:
		c.F64Const(0)
	case V128:
		c.V128Const(0, 0)
	default:
		c.RefNull(t)
	}
}

// immediates appends an instruction with immediates that are valid in the
// module of opModule.
func immediates(c *Code, op Op) {
	align := uint32(0)
	for w := op.Access(); w > 1; w >>= 1 {
		align++
	}
	in := op.info()
	switch {
	case in.imm == immNone:
		c.Op(op)
	case in.imm >= immMemLane8:
		c.MemLane(op, align, 16, uint8(in.imm.lanes()-1))
	case in.imm >= immMem8:
		c.Mem(op, align, 1<<20)
	case in.imm >= immLane2:
		c.Lane(op, uint8(in.imm.lanes()-1))
	case in.imm == immShuffle:
		c.Shuffle([16]byte{0, 31, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	case in.imm == immI32:
		c.I32Const(-1 << 31)
	case in.imm == immI64:
		c.I64Const(-1 << 63)
	case in.imm == immF32:
		c.F32Const(0x7f800001)
	case in.imm == immF64:
		c.F64Const(0x7ff0000000000001)
	case in.imm == immV128:
		c.V128Const(1, 1<<63)
	case in.imm == immFence:
		c.Fence()
	case in.imm == immMemMem || in.imm == immTableTable || in.imm == immElemTable || in.imm == immDataMem:
		c.Idx2(op, 0, 0)
	default:
		c.Idx(op, 0)
	}
}

// untyped are the instructions whose types the table leaves open: a body for
// each, in a function of type (i32) -> ().
var untyped = map[Op]func(c *Code){
	OpUnreachable: func(c *Code) { c.Op(OpUnreachable) },
	OpBlock:       func(c *Code) { c.Block(BlockEmpty); c.End() },
	OpLoop:        func(c *Code) { c.Loop(BlockOf(F64)); c.F64Const(0); c.End(); c.Op(OpDrop) },
	OpIf:          func(c *Code) { c.LocalGet(0); c.If(BlockEmpty); c.End() },
	OpElse: func(c *Code) {
		c.LocalGet(0)
		c.If(BlockOf(V128))
		c.V128Const(0, 0)
		c.Else()
		c.V128Const(0, 0)
		c.End()
		c.Op(OpDrop)
	},
	OpEnd:                func(c *Code) { c.LocalGet(0); c.Block(0); c.Op(OpDrop); c.End() }, // of a type by index
	OpBr:                 func(c *Code) { c.Br(0) },
	OpBrIf:               func(c *Code) { c.LocalGet(0); c.BrIf(0) },
	OpBrTable:            func(c *Code) { c.LocalGet(0); c.BrTable([]uint32{0, 0}, 0) },
	OpReturn:             func(c *Code) { c.Op(OpReturn) },
	OpCall:               func(c *Code) { c.LocalGet(0); c.Call(0) },
	OpCallIndirect:       func(c *Code) { c.LocalGet(0); c.LocalGet(0); c.CallIndirect(0, 0) },
	OpReturnCall:         func(c *Code) { c.LocalGet(0); c.ReturnCall(0) },
	OpReturnCallIndirect: func(c *Code) { c.LocalGet(0); c.LocalGet(0); c.ReturnCallIndirect(0, 0) },
	OpDrop:               func(c *Code) { c.LocalGet(0); c.Op(OpDrop) },
	OpSelect:             func(c *Code) { c.F32Const(0); c.F32Const(0); c.LocalGet(0); c.Op(OpSelect); c.Op(OpDrop) },
	OpSelectT: func(c *Code) {
		c.RefNull(FuncRef)
		c.RefNull(FuncRef)
		c.LocalGet(0)
		c.SelectT(FuncRef)
		c.Op(OpDrop)
	},
	OpLocalGet:  func(c *Code) { c.LocalGet(0); c.Op(OpDrop) },
	OpLocalSet:  func(c *Code) { c.I32Const(1); c.LocalSet(0) },
	OpLocalTee:  func(c *Code) { c.I32Const(1); c.LocalTee(0); c.Op(OpDrop) },
	OpGlobalGet: func(c *Code) { c.GlobalGet(0); c.LocalSet(0) },
	OpGlobalSet: func(c *Code) { c.LocalGet(0); c.GlobalSet(0) },
	OpTableGet:  func(c *Code) { c.LocalGet(0); c.Idx(OpTableGet, 0); c.Op(OpDrop) },
	OpTableSet:  func(c *Code) { c.LocalGet(0); c.RefNull(FuncRef); c.Idx(OpTableSet, 0) },
	OpTableGrow: func(c *Code) { c.RefNull(FuncRef); c.LocalGet(0); c.Idx(OpTableGrow, 0); c.LocalSet(0) },
	OpTableFill: func(c *Code) { c.LocalGet(0); c.RefNull(FuncRef); c.LocalGet(0); c.Idx(OpTableFill, 0) },
	OpRefNull:   func(c *Code) { c.RefNull(ExternRef); c.Op(OpDrop) },
	OpRefIsNull: func(c *Code) { c.RefNull(ExternRef); c.Op(OpRefIsNull); c.LocalSet(0) },
	OpRefFunc:   func(c *Code) { c.Idx(OpRefFunc, 0); c.Op(OpDrop) },
}

// opModule makes a module with one function that executes op, with operands
// and results of exactly the types of the table.
func opModule(t *testing.T, op Op) []byte {
	t.Helper()
	var c Code
	c.Reset(1)
	if params, results, ok := op.Sig(); ok {
		for _, p := range params {
			pushZero(&c, p)
		}
		immediates(&c, op)
		for _, r := range results {
			c.LocalSet(c.AddLocal(r))
		}
	} else if f := untyped[op]; f != nil {
		f(&c)
	} else {
		t.Fatalf("%v has neither types in the table nor an example here", op)
	}
	c.End()

	var m Module
	typ := m.FuncType([]ValType{I32}, nil)
	m.Table(FuncRef, Limits{Min: 1})
	m.Memory(Limits{Min: 1, Max: 1, HasMax: true, Shared: true})
	m.Global(I32, true, ConstI32(0))
	fn := m.Func(typ)
	m.ElemDeclared([]uint32{fn})
	m.DataPassive([]byte("x"))
	m.Body(fn, &c)
	return m.Bytes()
}

// TestOpsValidate has every instruction accepted, with its types, by wazero,
// and printed by its name.
func TestOpsValidate(t *testing.T) {
	validate := validator(t)
	n := 0
	allOps(func(op Op, in *info) {
		n++
		bin := opModule(t, op)
		text, err := Disassemble(bin)
		if err != nil {
			t.Errorf("%v: %v", op, err)
		} else if !strings.Contains(text, in.name) {
			t.Errorf("%v is missing in:\n%s", op, text)
		}
		if isRelaxed(op) {
			return // wazero 1.12 lacks relaxed SIMD; see TestRelaxedOps
		}
		if err := validate(bin); err != nil {
			t.Errorf("%v: %v\n%s", op, err, text)
		}
	})
	// By the specifications: one byte (2 of them tail calls), 0xfc, 0xfd,
	// relaxed, 0xfe.
	if want := 185 + 18 + 236 + 20 + 67; n != want {
		t.Errorf("the table has %d instructions, want %d", n, want)
	}
}

func isRelaxed(op Op) bool { return op >= OpI8x16RelaxedSwizzle && op>>pageShift == pageFD }

// TestRelaxedOps asks V8 what wazero does not know.
func TestRelaxedOps(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is missing: relaxed SIMD is not checked")
	}
	const script = `
		const fs = require("fs");
		for (const line of fs.readFileSync(0, "latin1").trim().split("\n")) {
			const [name, b64] = line.split(" ");
			let why = "ok";
			try { new WebAssembly.Module(Buffer.from(b64, "base64")); } catch (e) { why = e.message; }
			console.log(name + " " + why);
		}`
	var in strings.Builder
	n := 0
	for _, r := range relaxedRows {
		in.WriteString(r.name + " " + base64.StdEncoding.EncodeToString(opModule(t, r.op)) + "\n")
		n++
	}
	// Newer versions have it without the flag, and refuse the flag.
	for _, args := range [][]string{{"-e", script}, {"--experimental-wasm-relaxed-simd", "-e", script}} {
		cmd := exec.Command(node, args...)
		cmd.Stdin = strings.NewReader(in.String())
		out, err := cmd.Output()
		if err != nil {
			continue
		}
		if len(args) == 2 && strings.Contains(string(out), "relaxed") {
			continue // "invalid numeric opcode: enable with --experimental-wasm-relaxed-simd"
		}
		ok := 0
		for line := range strings.Lines(string(out)) {
			name, why, _ := strings.Cut(strings.TrimSpace(line), " ")
			if why == "ok" {
				ok++
			} else {
				t.Errorf("%s: %s", name, why)
			}
		}
		if ok != n {
			t.Errorf("%d of %d accepted", ok, n)
		}
		return
	}
	t.Skip("this node has no relaxed SIMD")
}

func TestOpByName(t *testing.T) {
	allOps(func(op Op, in *info) {
		got, ok := OpByName(in.name)
		if !ok || got != op && op != OpSelectT {
			t.Errorf("OpByName(%q) = %#x, %v; want %#x", in.name, uint16(got), ok, uint16(op))
		}
	})
	if _, ok := OpByName("i32x4.launch"); ok {
		t.Error("OpByName found an instruction that does not exist")
	}
	for _, op := range []Op{0x06, 0xff, 0x0fff, 0xd114, 0xd09a, 0x1000, 0xffff} {
		if op.Valid() || !strings.HasPrefix(op.String(), "op(") {
			t.Errorf("%#x is valid: %v", uint16(op), op)
		}
	}
}

func TestOpSigAccess(t *testing.T) {
	p, r, ok := OpI64AtomicRmw32CmpxchgU.Sig()
	if !ok || len(p) != 3 || p[0] != I32 || p[1] != I64 || p[2] != I64 || len(r) != 1 || r[0] != I64 {
		t.Errorf("i64.atomic.rmw32.cmpxchg_u: %v -> %v, %v", p, r, ok)
	}
	if _, _, ok := OpSelect.Sig(); ok {
		t.Error("select has fixed types")
	}
	for op, want := range map[Op]int{OpI32Load8U: 1, OpI64Store16: 2, OpV128Load8x8S: 8, OpV128Store: 16,
		OpV128Load32Lane: 4, OpMemoryAtomicWait64: 8, OpI64AtomicRmw16AddU: 2, OpI32Add: 0, OpMemorySize: 0} {
		if got := op.Access(); got != want {
			t.Errorf("%v accesses %d bytes, want %d", op, got, want)
		}
	}
}
