package ir

// The operations that WebAssembly has too, with its names and its meaning
// (WebAssembly core specification 2.0, §4.3). All are pure: they neither trap
// nor touch memory. Lane numbers and shuffle masks stand in Imm (and Imm2).
const (
	I32Clz Op = firstWasm + iota
	I32Ctz
	I32Popcnt
	I32Extend8S
	I32Extend16S
	I32Add
	I32Sub
	I32Mul
	I32And
	I32Or
	I32Xor
	I32Shl
	I32ShrS
	I32ShrU
	I32Rotl
	I32Rotr
	I32Eqz
	I32Eq
	I32Ne
	I32LtS
	I32LtU
	I32GtS
	I32GtU
	I32LeS
	I32LeU
	I32GeS
	I32GeU
	I64Clz
	I64Ctz
	I64Popcnt
	I64Extend8S
	I64Extend16S
	I64Extend32S
	I64Add
	I64Sub
	I64Mul
	I64And
	I64Or
	I64Xor
	I64Shl
	I64ShrS
	I64ShrU
	I64Rotl
	I64Rotr
	I64Eqz
	I64Eq
	I64Ne
	I64LtS
	I64LtU
	I64GtS
	I64GtU
	I64LeS
	I64LeU
	I64GeS
	I64GeU
	F32Abs
	F32Neg
	F32Ceil
	F32Floor
	F32Trunc
	F32Nearest
	F32Sqrt
	F32Add
	F32Sub
	F32Mul
	F32Div
	F32Min
	F32Max
	F32Copysign
	F32Eq
	F32Ne
	F32Lt
	F32Gt
	F32Le
	F32Ge
	F64Abs
	F64Neg
	F64Ceil
	F64Floor
	F64Trunc
	F64Nearest
	F64Sqrt
	F64Add
	F64Sub
	F64Mul
	F64Div
	F64Min
	F64Max
	F64Copysign
	F64Eq
	F64Ne
	F64Lt
	F64Gt
	F64Le
	F64Ge
	I32WrapI64
	I64ExtendI32S
	I64ExtendI32U
	I32TruncSatF32S
	I32TruncSatF32U
	I32TruncSatF64S
	I32TruncSatF64U
	I64TruncSatF32S
	I64TruncSatF32U
	I64TruncSatF64S
	I64TruncSatF64U
	F32ConvertI32S
	F32ConvertI32U
	F32ConvertI64S
	F32ConvertI64U
	F64ConvertI32S
	F64ConvertI32U
	F64ConvertI64S
	F64ConvertI64U
	F32DemoteF64
	F64PromoteF32
	I32ReinterpretF32
	I64ReinterpretF64
	F32ReinterpretI32
	F64ReinterpretI64
	V128And
	V128Andnot
	V128Or
	V128Xor
	V128Not
	V128Bitselect
	V128AnyTrue
	I8x16Swizzle
	I8x16Shuffle
	I8x16Splat
	I16x8Splat
	I32x4Splat
	I64x2Splat
	F32x4Splat
	F64x2Splat
	I8x16ExtractLaneS
	I8x16ExtractLaneU
	I8x16ReplaceLane
	I16x8ExtractLaneS
	I16x8ExtractLaneU
	I16x8ReplaceLane
	I32x4ExtractLane
	I32x4ReplaceLane
	I64x2ExtractLane
	I64x2ReplaceLane
	F32x4ExtractLane
	F32x4ReplaceLane
	F64x2ExtractLane
	F64x2ReplaceLane
	I8x16Abs
	I8x16Neg
	I8x16AllTrue
	I8x16Bitmask
	I8x16Shl
	I8x16ShrS
	I8x16ShrU
	I8x16Add
	I8x16Sub
	I8x16Eq
	I8x16Ne
	I8x16LtS
	I8x16GtS
	I8x16LeS
	I8x16GeS
	I8x16LtU
	I8x16GtU
	I8x16LeU
	I8x16GeU
	I8x16MinS
	I8x16MinU
	I8x16MaxS
	I8x16MaxU
	I16x8Abs
	I16x8Neg
	I16x8AllTrue
	I16x8Bitmask
	I16x8Shl
	I16x8ShrS
	I16x8ShrU
	I16x8Add
	I16x8Sub
	I16x8Eq
	I16x8Ne
	I16x8LtS
	I16x8GtS
	I16x8LeS
	I16x8GeS
	I16x8LtU
	I16x8GtU
	I16x8LeU
	I16x8GeU
	I16x8MinS
	I16x8MinU
	I16x8MaxS
	I16x8MaxU
	I32x4Abs
	I32x4Neg
	I32x4AllTrue
	I32x4Bitmask
	I32x4Shl
	I32x4ShrS
	I32x4ShrU
	I32x4Add
	I32x4Sub
	I32x4Eq
	I32x4Ne
	I32x4LtS
	I32x4GtS
	I32x4LeS
	I32x4GeS
	I32x4LtU
	I32x4GtU
	I32x4LeU
	I32x4GeU
	I32x4MinS
	I32x4MinU
	I32x4MaxS
	I32x4MaxU
	I64x2Abs
	I64x2Neg
	I64x2AllTrue
	I64x2Bitmask
	I64x2Shl
	I64x2ShrS
	I64x2ShrU
	I64x2Add
	I64x2Sub
	I64x2Eq
	I64x2Ne
	I64x2LtS
	I64x2GtS
	I64x2LeS
	I64x2GeS
	I8x16Popcnt
	I8x16AddSatS
	I8x16AddSatU
	I8x16SubSatS
	I8x16SubSatU
	I8x16AvgrU
	I16x8AddSatS
	I16x8AddSatU
	I16x8SubSatS
	I16x8SubSatU
	I16x8AvgrU
	I16x8Mul
	I32x4Mul
	I64x2Mul
	I16x8Q15mulrSatS
	I32x4DotI16x8S
	I8x16NarrowI16x8S
	I8x16NarrowI16x8U
	I16x8NarrowI32x4S
	I16x8NarrowI32x4U
	I16x8ExtendLowI8x16S
	I16x8ExtendLowI8x16U
	I16x8ExtendHighI8x16S
	I16x8ExtendHighI8x16U
	I16x8ExtmulLowI8x16S
	I16x8ExtmulLowI8x16U
	I16x8ExtmulHighI8x16S
	I16x8ExtmulHighI8x16U
	I16x8ExtaddPairwiseI8x16S
	I16x8ExtaddPairwiseI8x16U
	I32x4ExtendLowI16x8S
	I32x4ExtendLowI16x8U
	I32x4ExtendHighI16x8S
	I32x4ExtendHighI16x8U
	I32x4ExtmulLowI16x8S
	I32x4ExtmulLowI16x8U
	I32x4ExtmulHighI16x8S
	I32x4ExtmulHighI16x8U
	I32x4ExtaddPairwiseI16x8S
	I32x4ExtaddPairwiseI16x8U
	I64x2ExtendLowI32x4S
	I64x2ExtendLowI32x4U
	I64x2ExtendHighI32x4S
	I64x2ExtendHighI32x4U
	I64x2ExtmulLowI32x4S
	I64x2ExtmulLowI32x4U
	I64x2ExtmulHighI32x4S
	I64x2ExtmulHighI32x4U
	F32x4Abs
	F32x4Neg
	F32x4Sqrt
	F32x4Ceil
	F32x4Floor
	F32x4Trunc
	F32x4Nearest
	F32x4Add
	F32x4Sub
	F32x4Mul
	F32x4Div
	F32x4Min
	F32x4Max
	F32x4Pmin
	F32x4Pmax
	F32x4Eq
	F32x4Ne
	F32x4Lt
	F32x4Gt
	F32x4Le
	F32x4Ge
	F64x2Abs
	F64x2Neg
	F64x2Sqrt
	F64x2Ceil
	F64x2Floor
	F64x2Trunc
	F64x2Nearest
	F64x2Add
	F64x2Sub
	F64x2Mul
	F64x2Div
	F64x2Min
	F64x2Max
	F64x2Pmin
	F64x2Pmax
	F64x2Eq
	F64x2Ne
	F64x2Lt
	F64x2Gt
	F64x2Le
	F64x2Ge
	I32x4TruncSatF32x4S
	I32x4TruncSatF32x4U
	F32x4ConvertI32x4S
	F32x4ConvertI32x4U
	I32x4TruncSatF64x2SZero
	I32x4TruncSatF64x2UZero
	F64x2ConvertLowI32x4S
	F64x2ConvertLowI32x4U
	F32x4DemoteF64x2Zero
	F64x2PromoteLowF32x4

	numOps
)

var wasmOps = [numOps - firstWasm]OpInfo{
	I32Clz - firstWasm:                    {Name: "i32.clz", Result: I32, Args: []Type{I32}},
	I32Ctz - firstWasm:                    {Name: "i32.ctz", Result: I32, Args: []Type{I32}},
	I32Popcnt - firstWasm:                 {Name: "i32.popcnt", Result: I32, Args: []Type{I32}},
	I32Extend8S - firstWasm:               {Name: "i32.extend8_s", Result: I32, Args: []Type{I32}},
	I32Extend16S - firstWasm:              {Name: "i32.extend16_s", Result: I32, Args: []Type{I32}},
	I32Add - firstWasm:                    {Name: "i32.add", Result: I32, Args: []Type{I32, I32}},
	I32Sub - firstWasm:                    {Name: "i32.sub", Result: I32, Args: []Type{I32, I32}},
	I32Mul - firstWasm:                    {Name: "i32.mul", Result: I32, Args: []Type{I32, I32}},
	I32And - firstWasm:                    {Name: "i32.and", Result: I32, Args: []Type{I32, I32}},
	I32Or - firstWasm:                     {Name: "i32.or", Result: I32, Args: []Type{I32, I32}},
	I32Xor - firstWasm:                    {Name: "i32.xor", Result: I32, Args: []Type{I32, I32}},
	I32Shl - firstWasm:                    {Name: "i32.shl", Result: I32, Args: []Type{I32, I32}},
	I32ShrS - firstWasm:                   {Name: "i32.shr_s", Result: I32, Args: []Type{I32, I32}},
	I32ShrU - firstWasm:                   {Name: "i32.shr_u", Result: I32, Args: []Type{I32, I32}},
	I32Rotl - firstWasm:                   {Name: "i32.rotl", Result: I32, Args: []Type{I32, I32}},
	I32Rotr - firstWasm:                   {Name: "i32.rotr", Result: I32, Args: []Type{I32, I32}},
	I32Eqz - firstWasm:                    {Name: "i32.eqz", Result: I32, Args: []Type{I32}},
	I32Eq - firstWasm:                     {Name: "i32.eq", Result: I32, Args: []Type{I32, I32}},
	I32Ne - firstWasm:                     {Name: "i32.ne", Result: I32, Args: []Type{I32, I32}},
	I32LtS - firstWasm:                    {Name: "i32.lt_s", Result: I32, Args: []Type{I32, I32}},
	I32LtU - firstWasm:                    {Name: "i32.lt_u", Result: I32, Args: []Type{I32, I32}},
	I32GtS - firstWasm:                    {Name: "i32.gt_s", Result: I32, Args: []Type{I32, I32}},
	I32GtU - firstWasm:                    {Name: "i32.gt_u", Result: I32, Args: []Type{I32, I32}},
	I32LeS - firstWasm:                    {Name: "i32.le_s", Result: I32, Args: []Type{I32, I32}},
	I32LeU - firstWasm:                    {Name: "i32.le_u", Result: I32, Args: []Type{I32, I32}},
	I32GeS - firstWasm:                    {Name: "i32.ge_s", Result: I32, Args: []Type{I32, I32}},
	I32GeU - firstWasm:                    {Name: "i32.ge_u", Result: I32, Args: []Type{I32, I32}},
	I64Clz - firstWasm:                    {Name: "i64.clz", Result: I64, Args: []Type{I64}},
	I64Ctz - firstWasm:                    {Name: "i64.ctz", Result: I64, Args: []Type{I64}},
	I64Popcnt - firstWasm:                 {Name: "i64.popcnt", Result: I64, Args: []Type{I64}},
	I64Extend8S - firstWasm:               {Name: "i64.extend8_s", Result: I64, Args: []Type{I64}},
	I64Extend16S - firstWasm:              {Name: "i64.extend16_s", Result: I64, Args: []Type{I64}},
	I64Extend32S - firstWasm:              {Name: "i64.extend32_s", Result: I64, Args: []Type{I64}},
	I64Add - firstWasm:                    {Name: "i64.add", Result: I64, Args: []Type{I64, I64}},
	I64Sub - firstWasm:                    {Name: "i64.sub", Result: I64, Args: []Type{I64, I64}},
	I64Mul - firstWasm:                    {Name: "i64.mul", Result: I64, Args: []Type{I64, I64}},
	I64And - firstWasm:                    {Name: "i64.and", Result: I64, Args: []Type{I64, I64}},
	I64Or - firstWasm:                     {Name: "i64.or", Result: I64, Args: []Type{I64, I64}},
	I64Xor - firstWasm:                    {Name: "i64.xor", Result: I64, Args: []Type{I64, I64}},
	I64Shl - firstWasm:                    {Name: "i64.shl", Result: I64, Args: []Type{I64, I64}},
	I64ShrS - firstWasm:                   {Name: "i64.shr_s", Result: I64, Args: []Type{I64, I64}},
	I64ShrU - firstWasm:                   {Name: "i64.shr_u", Result: I64, Args: []Type{I64, I64}},
	I64Rotl - firstWasm:                   {Name: "i64.rotl", Result: I64, Args: []Type{I64, I64}},
	I64Rotr - firstWasm:                   {Name: "i64.rotr", Result: I64, Args: []Type{I64, I64}},
	I64Eqz - firstWasm:                    {Name: "i64.eqz", Result: I32, Args: []Type{I64}},
	I64Eq - firstWasm:                     {Name: "i64.eq", Result: I32, Args: []Type{I64, I64}},
	I64Ne - firstWasm:                     {Name: "i64.ne", Result: I32, Args: []Type{I64, I64}},
	I64LtS - firstWasm:                    {Name: "i64.lt_s", Result: I32, Args: []Type{I64, I64}},
	I64LtU - firstWasm:                    {Name: "i64.lt_u", Result: I32, Args: []Type{I64, I64}},
	I64GtS - firstWasm:                    {Name: "i64.gt_s", Result: I32, Args: []Type{I64, I64}},
	I64GtU - firstWasm:                    {Name: "i64.gt_u", Result: I32, Args: []Type{I64, I64}},
	I64LeS - firstWasm:                    {Name: "i64.le_s", Result: I32, Args: []Type{I64, I64}},
	I64LeU - firstWasm:                    {Name: "i64.le_u", Result: I32, Args: []Type{I64, I64}},
	I64GeS - firstWasm:                    {Name: "i64.ge_s", Result: I32, Args: []Type{I64, I64}},
	I64GeU - firstWasm:                    {Name: "i64.ge_u", Result: I32, Args: []Type{I64, I64}},
	F32Abs - firstWasm:                    {Name: "f32.abs", Result: F32, Args: []Type{F32}},
	F32Neg - firstWasm:                    {Name: "f32.neg", Result: F32, Args: []Type{F32}},
	F32Ceil - firstWasm:                   {Name: "f32.ceil", Result: F32, Args: []Type{F32}},
	F32Floor - firstWasm:                  {Name: "f32.floor", Result: F32, Args: []Type{F32}},
	F32Trunc - firstWasm:                  {Name: "f32.trunc", Result: F32, Args: []Type{F32}},
	F32Nearest - firstWasm:                {Name: "f32.nearest", Result: F32, Args: []Type{F32}},
	F32Sqrt - firstWasm:                   {Name: "f32.sqrt", Result: F32, Args: []Type{F32}},
	F32Add - firstWasm:                    {Name: "f32.add", Result: F32, Args: []Type{F32, F32}},
	F32Sub - firstWasm:                    {Name: "f32.sub", Result: F32, Args: []Type{F32, F32}},
	F32Mul - firstWasm:                    {Name: "f32.mul", Result: F32, Args: []Type{F32, F32}},
	F32Div - firstWasm:                    {Name: "f32.div", Result: F32, Args: []Type{F32, F32}},
	F32Min - firstWasm:                    {Name: "f32.min", Result: F32, Args: []Type{F32, F32}},
	F32Max - firstWasm:                    {Name: "f32.max", Result: F32, Args: []Type{F32, F32}},
	F32Copysign - firstWasm:               {Name: "f32.copysign", Result: F32, Args: []Type{F32, F32}},
	F32Eq - firstWasm:                     {Name: "f32.eq", Result: I32, Args: []Type{F32, F32}},
	F32Ne - firstWasm:                     {Name: "f32.ne", Result: I32, Args: []Type{F32, F32}},
	F32Lt - firstWasm:                     {Name: "f32.lt", Result: I32, Args: []Type{F32, F32}},
	F32Gt - firstWasm:                     {Name: "f32.gt", Result: I32, Args: []Type{F32, F32}},
	F32Le - firstWasm:                     {Name: "f32.le", Result: I32, Args: []Type{F32, F32}},
	F32Ge - firstWasm:                     {Name: "f32.ge", Result: I32, Args: []Type{F32, F32}},
	F64Abs - firstWasm:                    {Name: "f64.abs", Result: F64, Args: []Type{F64}},
	F64Neg - firstWasm:                    {Name: "f64.neg", Result: F64, Args: []Type{F64}},
	F64Ceil - firstWasm:                   {Name: "f64.ceil", Result: F64, Args: []Type{F64}},
	F64Floor - firstWasm:                  {Name: "f64.floor", Result: F64, Args: []Type{F64}},
	F64Trunc - firstWasm:                  {Name: "f64.trunc", Result: F64, Args: []Type{F64}},
	F64Nearest - firstWasm:                {Name: "f64.nearest", Result: F64, Args: []Type{F64}},
	F64Sqrt - firstWasm:                   {Name: "f64.sqrt", Result: F64, Args: []Type{F64}},
	F64Add - firstWasm:                    {Name: "f64.add", Result: F64, Args: []Type{F64, F64}},
	F64Sub - firstWasm:                    {Name: "f64.sub", Result: F64, Args: []Type{F64, F64}},
	F64Mul - firstWasm:                    {Name: "f64.mul", Result: F64, Args: []Type{F64, F64}},
	F64Div - firstWasm:                    {Name: "f64.div", Result: F64, Args: []Type{F64, F64}},
	F64Min - firstWasm:                    {Name: "f64.min", Result: F64, Args: []Type{F64, F64}},
	F64Max - firstWasm:                    {Name: "f64.max", Result: F64, Args: []Type{F64, F64}},
	F64Copysign - firstWasm:               {Name: "f64.copysign", Result: F64, Args: []Type{F64, F64}},
	F64Eq - firstWasm:                     {Name: "f64.eq", Result: I32, Args: []Type{F64, F64}},
	F64Ne - firstWasm:                     {Name: "f64.ne", Result: I32, Args: []Type{F64, F64}},
	F64Lt - firstWasm:                     {Name: "f64.lt", Result: I32, Args: []Type{F64, F64}},
	F64Gt - firstWasm:                     {Name: "f64.gt", Result: I32, Args: []Type{F64, F64}},
	F64Le - firstWasm:                     {Name: "f64.le", Result: I32, Args: []Type{F64, F64}},
	F64Ge - firstWasm:                     {Name: "f64.ge", Result: I32, Args: []Type{F64, F64}},
	I32WrapI64 - firstWasm:                {Name: "i32.wrap_i64", Result: I32, Args: []Type{I64}},
	I64ExtendI32S - firstWasm:             {Name: "i64.extend_i32_s", Result: I64, Args: []Type{I32}},
	I64ExtendI32U - firstWasm:             {Name: "i64.extend_i32_u", Result: I64, Args: []Type{I32}},
	I32TruncSatF32S - firstWasm:           {Name: "i32.trunc_sat_f32_s", Result: I32, Args: []Type{F32}},
	I32TruncSatF32U - firstWasm:           {Name: "i32.trunc_sat_f32_u", Result: I32, Args: []Type{F32}},
	I32TruncSatF64S - firstWasm:           {Name: "i32.trunc_sat_f64_s", Result: I32, Args: []Type{F64}},
	I32TruncSatF64U - firstWasm:           {Name: "i32.trunc_sat_f64_u", Result: I32, Args: []Type{F64}},
	I64TruncSatF32S - firstWasm:           {Name: "i64.trunc_sat_f32_s", Result: I64, Args: []Type{F32}},
	I64TruncSatF32U - firstWasm:           {Name: "i64.trunc_sat_f32_u", Result: I64, Args: []Type{F32}},
	I64TruncSatF64S - firstWasm:           {Name: "i64.trunc_sat_f64_s", Result: I64, Args: []Type{F64}},
	I64TruncSatF64U - firstWasm:           {Name: "i64.trunc_sat_f64_u", Result: I64, Args: []Type{F64}},
	F32ConvertI32S - firstWasm:            {Name: "f32.convert_i32_s", Result: F32, Args: []Type{I32}},
	F32ConvertI32U - firstWasm:            {Name: "f32.convert_i32_u", Result: F32, Args: []Type{I32}},
	F32ConvertI64S - firstWasm:            {Name: "f32.convert_i64_s", Result: F32, Args: []Type{I64}},
	F32ConvertI64U - firstWasm:            {Name: "f32.convert_i64_u", Result: F32, Args: []Type{I64}},
	F64ConvertI32S - firstWasm:            {Name: "f64.convert_i32_s", Result: F64, Args: []Type{I32}},
	F64ConvertI32U - firstWasm:            {Name: "f64.convert_i32_u", Result: F64, Args: []Type{I32}},
	F64ConvertI64S - firstWasm:            {Name: "f64.convert_i64_s", Result: F64, Args: []Type{I64}},
	F64ConvertI64U - firstWasm:            {Name: "f64.convert_i64_u", Result: F64, Args: []Type{I64}},
	F32DemoteF64 - firstWasm:              {Name: "f32.demote_f64", Result: F32, Args: []Type{F64}},
	F64PromoteF32 - firstWasm:             {Name: "f64.promote_f32", Result: F64, Args: []Type{F32}},
	I32ReinterpretF32 - firstWasm:         {Name: "i32.reinterpret_f32", Result: I32, Args: []Type{F32}},
	I64ReinterpretF64 - firstWasm:         {Name: "i64.reinterpret_f64", Result: I64, Args: []Type{F64}},
	F32ReinterpretI32 - firstWasm:         {Name: "f32.reinterpret_i32", Result: F32, Args: []Type{I32}},
	F64ReinterpretI64 - firstWasm:         {Name: "f64.reinterpret_i64", Result: F64, Args: []Type{I64}},
	V128And - firstWasm:                   {Name: "v128.and", Result: V128, Args: []Type{V128, V128}},
	V128Andnot - firstWasm:                {Name: "v128.andnot", Result: V128, Args: []Type{V128, V128}},
	V128Or - firstWasm:                    {Name: "v128.or", Result: V128, Args: []Type{V128, V128}},
	V128Xor - firstWasm:                   {Name: "v128.xor", Result: V128, Args: []Type{V128, V128}},
	V128Not - firstWasm:                   {Name: "v128.not", Result: V128, Args: []Type{V128}},
	V128Bitselect - firstWasm:             {Name: "v128.bitselect", Result: V128, Args: []Type{V128, V128, V128}},
	V128AnyTrue - firstWasm:               {Name: "v128.any_true", Result: I32, Args: []Type{V128}},
	I8x16Swizzle - firstWasm:              {Name: "i8x16.swizzle", Result: V128, Args: []Type{V128, V128}},
	I8x16Shuffle - firstWasm:              {Name: "i8x16.shuffle", Result: V128, Args: []Type{V128, V128}, Imm: ImmShuffle},
	I8x16Splat - firstWasm:                {Name: "i8x16.splat", Result: V128, Args: []Type{I32}},
	I16x8Splat - firstWasm:                {Name: "i16x8.splat", Result: V128, Args: []Type{I32}},
	I32x4Splat - firstWasm:                {Name: "i32x4.splat", Result: V128, Args: []Type{I32}},
	I64x2Splat - firstWasm:                {Name: "i64x2.splat", Result: V128, Args: []Type{I64}},
	F32x4Splat - firstWasm:                {Name: "f32x4.splat", Result: V128, Args: []Type{F32}},
	F64x2Splat - firstWasm:                {Name: "f64x2.splat", Result: V128, Args: []Type{F64}},
	I8x16ExtractLaneS - firstWasm:         {Name: "i8x16.extract_lane_s", Result: I32, Args: []Type{V128}, Imm: ImmLane},
	I8x16ExtractLaneU - firstWasm:         {Name: "i8x16.extract_lane_u", Result: I32, Args: []Type{V128}, Imm: ImmLane},
	I8x16ReplaceLane - firstWasm:          {Name: "i8x16.replace_lane", Result: V128, Args: []Type{V128, I32}, Imm: ImmLane},
	I16x8ExtractLaneS - firstWasm:         {Name: "i16x8.extract_lane_s", Result: I32, Args: []Type{V128}, Imm: ImmLane},
	I16x8ExtractLaneU - firstWasm:         {Name: "i16x8.extract_lane_u", Result: I32, Args: []Type{V128}, Imm: ImmLane},
	I16x8ReplaceLane - firstWasm:          {Name: "i16x8.replace_lane", Result: V128, Args: []Type{V128, I32}, Imm: ImmLane},
	I32x4ExtractLane - firstWasm:          {Name: "i32x4.extract_lane", Result: I32, Args: []Type{V128}, Imm: ImmLane},
	I32x4ReplaceLane - firstWasm:          {Name: "i32x4.replace_lane", Result: V128, Args: []Type{V128, I32}, Imm: ImmLane},
	I64x2ExtractLane - firstWasm:          {Name: "i64x2.extract_lane", Result: I64, Args: []Type{V128}, Imm: ImmLane},
	I64x2ReplaceLane - firstWasm:          {Name: "i64x2.replace_lane", Result: V128, Args: []Type{V128, I64}, Imm: ImmLane},
	F32x4ExtractLane - firstWasm:          {Name: "f32x4.extract_lane", Result: F32, Args: []Type{V128}, Imm: ImmLane},
	F32x4ReplaceLane - firstWasm:          {Name: "f32x4.replace_lane", Result: V128, Args: []Type{V128, F32}, Imm: ImmLane},
	F64x2ExtractLane - firstWasm:          {Name: "f64x2.extract_lane", Result: F64, Args: []Type{V128}, Imm: ImmLane},
	F64x2ReplaceLane - firstWasm:          {Name: "f64x2.replace_lane", Result: V128, Args: []Type{V128, F64}, Imm: ImmLane},
	I8x16Abs - firstWasm:                  {Name: "i8x16.abs", Result: V128, Args: []Type{V128}},
	I8x16Neg - firstWasm:                  {Name: "i8x16.neg", Result: V128, Args: []Type{V128}},
	I8x16AllTrue - firstWasm:              {Name: "i8x16.all_true", Result: I32, Args: []Type{V128}},
	I8x16Bitmask - firstWasm:              {Name: "i8x16.bitmask", Result: I32, Args: []Type{V128}},
	I8x16Shl - firstWasm:                  {Name: "i8x16.shl", Result: V128, Args: []Type{V128, I32}},
	I8x16ShrS - firstWasm:                 {Name: "i8x16.shr_s", Result: V128, Args: []Type{V128, I32}},
	I8x16ShrU - firstWasm:                 {Name: "i8x16.shr_u", Result: V128, Args: []Type{V128, I32}},
	I8x16Add - firstWasm:                  {Name: "i8x16.add", Result: V128, Args: []Type{V128, V128}},
	I8x16Sub - firstWasm:                  {Name: "i8x16.sub", Result: V128, Args: []Type{V128, V128}},
	I8x16Eq - firstWasm:                   {Name: "i8x16.eq", Result: V128, Args: []Type{V128, V128}},
	I8x16Ne - firstWasm:                   {Name: "i8x16.ne", Result: V128, Args: []Type{V128, V128}},
	I8x16LtS - firstWasm:                  {Name: "i8x16.lt_s", Result: V128, Args: []Type{V128, V128}},
	I8x16GtS - firstWasm:                  {Name: "i8x16.gt_s", Result: V128, Args: []Type{V128, V128}},
	I8x16LeS - firstWasm:                  {Name: "i8x16.le_s", Result: V128, Args: []Type{V128, V128}},
	I8x16GeS - firstWasm:                  {Name: "i8x16.ge_s", Result: V128, Args: []Type{V128, V128}},
	I8x16LtU - firstWasm:                  {Name: "i8x16.lt_u", Result: V128, Args: []Type{V128, V128}},
	I8x16GtU - firstWasm:                  {Name: "i8x16.gt_u", Result: V128, Args: []Type{V128, V128}},
	I8x16LeU - firstWasm:                  {Name: "i8x16.le_u", Result: V128, Args: []Type{V128, V128}},
	I8x16GeU - firstWasm:                  {Name: "i8x16.ge_u", Result: V128, Args: []Type{V128, V128}},
	I8x16MinS - firstWasm:                 {Name: "i8x16.min_s", Result: V128, Args: []Type{V128, V128}},
	I8x16MinU - firstWasm:                 {Name: "i8x16.min_u", Result: V128, Args: []Type{V128, V128}},
	I8x16MaxS - firstWasm:                 {Name: "i8x16.max_s", Result: V128, Args: []Type{V128, V128}},
	I8x16MaxU - firstWasm:                 {Name: "i8x16.max_u", Result: V128, Args: []Type{V128, V128}},
	I16x8Abs - firstWasm:                  {Name: "i16x8.abs", Result: V128, Args: []Type{V128}},
	I16x8Neg - firstWasm:                  {Name: "i16x8.neg", Result: V128, Args: []Type{V128}},
	I16x8AllTrue - firstWasm:              {Name: "i16x8.all_true", Result: I32, Args: []Type{V128}},
	I16x8Bitmask - firstWasm:              {Name: "i16x8.bitmask", Result: I32, Args: []Type{V128}},
	I16x8Shl - firstWasm:                  {Name: "i16x8.shl", Result: V128, Args: []Type{V128, I32}},
	I16x8ShrS - firstWasm:                 {Name: "i16x8.shr_s", Result: V128, Args: []Type{V128, I32}},
	I16x8ShrU - firstWasm:                 {Name: "i16x8.shr_u", Result: V128, Args: []Type{V128, I32}},
	I16x8Add - firstWasm:                  {Name: "i16x8.add", Result: V128, Args: []Type{V128, V128}},
	I16x8Sub - firstWasm:                  {Name: "i16x8.sub", Result: V128, Args: []Type{V128, V128}},
	I16x8Eq - firstWasm:                   {Name: "i16x8.eq", Result: V128, Args: []Type{V128, V128}},
	I16x8Ne - firstWasm:                   {Name: "i16x8.ne", Result: V128, Args: []Type{V128, V128}},
	I16x8LtS - firstWasm:                  {Name: "i16x8.lt_s", Result: V128, Args: []Type{V128, V128}},
	I16x8GtS - firstWasm:                  {Name: "i16x8.gt_s", Result: V128, Args: []Type{V128, V128}},
	I16x8LeS - firstWasm:                  {Name: "i16x8.le_s", Result: V128, Args: []Type{V128, V128}},
	I16x8GeS - firstWasm:                  {Name: "i16x8.ge_s", Result: V128, Args: []Type{V128, V128}},
	I16x8LtU - firstWasm:                  {Name: "i16x8.lt_u", Result: V128, Args: []Type{V128, V128}},
	I16x8GtU - firstWasm:                  {Name: "i16x8.gt_u", Result: V128, Args: []Type{V128, V128}},
	I16x8LeU - firstWasm:                  {Name: "i16x8.le_u", Result: V128, Args: []Type{V128, V128}},
	I16x8GeU - firstWasm:                  {Name: "i16x8.ge_u", Result: V128, Args: []Type{V128, V128}},
	I16x8MinS - firstWasm:                 {Name: "i16x8.min_s", Result: V128, Args: []Type{V128, V128}},
	I16x8MinU - firstWasm:                 {Name: "i16x8.min_u", Result: V128, Args: []Type{V128, V128}},
	I16x8MaxS - firstWasm:                 {Name: "i16x8.max_s", Result: V128, Args: []Type{V128, V128}},
	I16x8MaxU - firstWasm:                 {Name: "i16x8.max_u", Result: V128, Args: []Type{V128, V128}},
	I32x4Abs - firstWasm:                  {Name: "i32x4.abs", Result: V128, Args: []Type{V128}},
	I32x4Neg - firstWasm:                  {Name: "i32x4.neg", Result: V128, Args: []Type{V128}},
	I32x4AllTrue - firstWasm:              {Name: "i32x4.all_true", Result: I32, Args: []Type{V128}},
	I32x4Bitmask - firstWasm:              {Name: "i32x4.bitmask", Result: I32, Args: []Type{V128}},
	I32x4Shl - firstWasm:                  {Name: "i32x4.shl", Result: V128, Args: []Type{V128, I32}},
	I32x4ShrS - firstWasm:                 {Name: "i32x4.shr_s", Result: V128, Args: []Type{V128, I32}},
	I32x4ShrU - firstWasm:                 {Name: "i32x4.shr_u", Result: V128, Args: []Type{V128, I32}},
	I32x4Add - firstWasm:                  {Name: "i32x4.add", Result: V128, Args: []Type{V128, V128}},
	I32x4Sub - firstWasm:                  {Name: "i32x4.sub", Result: V128, Args: []Type{V128, V128}},
	I32x4Eq - firstWasm:                   {Name: "i32x4.eq", Result: V128, Args: []Type{V128, V128}},
	I32x4Ne - firstWasm:                   {Name: "i32x4.ne", Result: V128, Args: []Type{V128, V128}},
	I32x4LtS - firstWasm:                  {Name: "i32x4.lt_s", Result: V128, Args: []Type{V128, V128}},
	I32x4GtS - firstWasm:                  {Name: "i32x4.gt_s", Result: V128, Args: []Type{V128, V128}},
	I32x4LeS - firstWasm:                  {Name: "i32x4.le_s", Result: V128, Args: []Type{V128, V128}},
	I32x4GeS - firstWasm:                  {Name: "i32x4.ge_s", Result: V128, Args: []Type{V128, V128}},
	I32x4LtU - firstWasm:                  {Name: "i32x4.lt_u", Result: V128, Args: []Type{V128, V128}},
	I32x4GtU - firstWasm:                  {Name: "i32x4.gt_u", Result: V128, Args: []Type{V128, V128}},
	I32x4LeU - firstWasm:                  {Name: "i32x4.le_u", Result: V128, Args: []Type{V128, V128}},
	I32x4GeU - firstWasm:                  {Name: "i32x4.ge_u", Result: V128, Args: []Type{V128, V128}},
	I32x4MinS - firstWasm:                 {Name: "i32x4.min_s", Result: V128, Args: []Type{V128, V128}},
	I32x4MinU - firstWasm:                 {Name: "i32x4.min_u", Result: V128, Args: []Type{V128, V128}},
	I32x4MaxS - firstWasm:                 {Name: "i32x4.max_s", Result: V128, Args: []Type{V128, V128}},
	I32x4MaxU - firstWasm:                 {Name: "i32x4.max_u", Result: V128, Args: []Type{V128, V128}},
	I64x2Abs - firstWasm:                  {Name: "i64x2.abs", Result: V128, Args: []Type{V128}},
	I64x2Neg - firstWasm:                  {Name: "i64x2.neg", Result: V128, Args: []Type{V128}},
	I64x2AllTrue - firstWasm:              {Name: "i64x2.all_true", Result: I32, Args: []Type{V128}},
	I64x2Bitmask - firstWasm:              {Name: "i64x2.bitmask", Result: I32, Args: []Type{V128}},
	I64x2Shl - firstWasm:                  {Name: "i64x2.shl", Result: V128, Args: []Type{V128, I32}},
	I64x2ShrS - firstWasm:                 {Name: "i64x2.shr_s", Result: V128, Args: []Type{V128, I32}},
	I64x2ShrU - firstWasm:                 {Name: "i64x2.shr_u", Result: V128, Args: []Type{V128, I32}},
	I64x2Add - firstWasm:                  {Name: "i64x2.add", Result: V128, Args: []Type{V128, V128}},
	I64x2Sub - firstWasm:                  {Name: "i64x2.sub", Result: V128, Args: []Type{V128, V128}},
	I64x2Eq - firstWasm:                   {Name: "i64x2.eq", Result: V128, Args: []Type{V128, V128}},
	I64x2Ne - firstWasm:                   {Name: "i64x2.ne", Result: V128, Args: []Type{V128, V128}},
	I64x2LtS - firstWasm:                  {Name: "i64x2.lt_s", Result: V128, Args: []Type{V128, V128}},
	I64x2GtS - firstWasm:                  {Name: "i64x2.gt_s", Result: V128, Args: []Type{V128, V128}},
	I64x2LeS - firstWasm:                  {Name: "i64x2.le_s", Result: V128, Args: []Type{V128, V128}},
	I64x2GeS - firstWasm:                  {Name: "i64x2.ge_s", Result: V128, Args: []Type{V128, V128}},
	I8x16Popcnt - firstWasm:               {Name: "i8x16.popcnt", Result: V128, Args: []Type{V128}},
	I8x16AddSatS - firstWasm:              {Name: "i8x16.add_sat_s", Result: V128, Args: []Type{V128, V128}},
	I8x16AddSatU - firstWasm:              {Name: "i8x16.add_sat_u", Result: V128, Args: []Type{V128, V128}},
	I8x16SubSatS - firstWasm:              {Name: "i8x16.sub_sat_s", Result: V128, Args: []Type{V128, V128}},
	I8x16SubSatU - firstWasm:              {Name: "i8x16.sub_sat_u", Result: V128, Args: []Type{V128, V128}},
	I8x16AvgrU - firstWasm:                {Name: "i8x16.avgr_u", Result: V128, Args: []Type{V128, V128}},
	I16x8AddSatS - firstWasm:              {Name: "i16x8.add_sat_s", Result: V128, Args: []Type{V128, V128}},
	I16x8AddSatU - firstWasm:              {Name: "i16x8.add_sat_u", Result: V128, Args: []Type{V128, V128}},
	I16x8SubSatS - firstWasm:              {Name: "i16x8.sub_sat_s", Result: V128, Args: []Type{V128, V128}},
	I16x8SubSatU - firstWasm:              {Name: "i16x8.sub_sat_u", Result: V128, Args: []Type{V128, V128}},
	I16x8AvgrU - firstWasm:                {Name: "i16x8.avgr_u", Result: V128, Args: []Type{V128, V128}},
	I16x8Mul - firstWasm:                  {Name: "i16x8.mul", Result: V128, Args: []Type{V128, V128}},
	I32x4Mul - firstWasm:                  {Name: "i32x4.mul", Result: V128, Args: []Type{V128, V128}},
	I64x2Mul - firstWasm:                  {Name: "i64x2.mul", Result: V128, Args: []Type{V128, V128}},
	I16x8Q15mulrSatS - firstWasm:          {Name: "i16x8.q15mulr_sat_s", Result: V128, Args: []Type{V128, V128}},
	I32x4DotI16x8S - firstWasm:            {Name: "i32x4.dot_i16x8_s", Result: V128, Args: []Type{V128, V128}},
	I8x16NarrowI16x8S - firstWasm:         {Name: "i8x16.narrow_i16x8_s", Result: V128, Args: []Type{V128, V128}},
	I8x16NarrowI16x8U - firstWasm:         {Name: "i8x16.narrow_i16x8_u", Result: V128, Args: []Type{V128, V128}},
	I16x8NarrowI32x4S - firstWasm:         {Name: "i16x8.narrow_i32x4_s", Result: V128, Args: []Type{V128, V128}},
	I16x8NarrowI32x4U - firstWasm:         {Name: "i16x8.narrow_i32x4_u", Result: V128, Args: []Type{V128, V128}},
	I16x8ExtendLowI8x16S - firstWasm:      {Name: "i16x8.extend_low_i8x16_s", Result: V128, Args: []Type{V128}},
	I16x8ExtendLowI8x16U - firstWasm:      {Name: "i16x8.extend_low_i8x16_u", Result: V128, Args: []Type{V128}},
	I16x8ExtendHighI8x16S - firstWasm:     {Name: "i16x8.extend_high_i8x16_s", Result: V128, Args: []Type{V128}},
	I16x8ExtendHighI8x16U - firstWasm:     {Name: "i16x8.extend_high_i8x16_u", Result: V128, Args: []Type{V128}},
	I16x8ExtmulLowI8x16S - firstWasm:      {Name: "i16x8.extmul_low_i8x16_s", Result: V128, Args: []Type{V128, V128}},
	I16x8ExtmulLowI8x16U - firstWasm:      {Name: "i16x8.extmul_low_i8x16_u", Result: V128, Args: []Type{V128, V128}},
	I16x8ExtmulHighI8x16S - firstWasm:     {Name: "i16x8.extmul_high_i8x16_s", Result: V128, Args: []Type{V128, V128}},
	I16x8ExtmulHighI8x16U - firstWasm:     {Name: "i16x8.extmul_high_i8x16_u", Result: V128, Args: []Type{V128, V128}},
	I16x8ExtaddPairwiseI8x16S - firstWasm: {Name: "i16x8.extadd_pairwise_i8x16_s", Result: V128, Args: []Type{V128}},
	I16x8ExtaddPairwiseI8x16U - firstWasm: {Name: "i16x8.extadd_pairwise_i8x16_u", Result: V128, Args: []Type{V128}},
	I32x4ExtendLowI16x8S - firstWasm:      {Name: "i32x4.extend_low_i16x8_s", Result: V128, Args: []Type{V128}},
	I32x4ExtendLowI16x8U - firstWasm:      {Name: "i32x4.extend_low_i16x8_u", Result: V128, Args: []Type{V128}},
	I32x4ExtendHighI16x8S - firstWasm:     {Name: "i32x4.extend_high_i16x8_s", Result: V128, Args: []Type{V128}},
	I32x4ExtendHighI16x8U - firstWasm:     {Name: "i32x4.extend_high_i16x8_u", Result: V128, Args: []Type{V128}},
	I32x4ExtmulLowI16x8S - firstWasm:      {Name: "i32x4.extmul_low_i16x8_s", Result: V128, Args: []Type{V128, V128}},
	I32x4ExtmulLowI16x8U - firstWasm:      {Name: "i32x4.extmul_low_i16x8_u", Result: V128, Args: []Type{V128, V128}},
	I32x4ExtmulHighI16x8S - firstWasm:     {Name: "i32x4.extmul_high_i16x8_s", Result: V128, Args: []Type{V128, V128}},
	I32x4ExtmulHighI16x8U - firstWasm:     {Name: "i32x4.extmul_high_i16x8_u", Result: V128, Args: []Type{V128, V128}},
	I32x4ExtaddPairwiseI16x8S - firstWasm: {Name: "i32x4.extadd_pairwise_i16x8_s", Result: V128, Args: []Type{V128}},
	I32x4ExtaddPairwiseI16x8U - firstWasm: {Name: "i32x4.extadd_pairwise_i16x8_u", Result: V128, Args: []Type{V128}},
	I64x2ExtendLowI32x4S - firstWasm:      {Name: "i64x2.extend_low_i32x4_s", Result: V128, Args: []Type{V128}},
	I64x2ExtendLowI32x4U - firstWasm:      {Name: "i64x2.extend_low_i32x4_u", Result: V128, Args: []Type{V128}},
	I64x2ExtendHighI32x4S - firstWasm:     {Name: "i64x2.extend_high_i32x4_s", Result: V128, Args: []Type{V128}},
	I64x2ExtendHighI32x4U - firstWasm:     {Name: "i64x2.extend_high_i32x4_u", Result: V128, Args: []Type{V128}},
	I64x2ExtmulLowI32x4S - firstWasm:      {Name: "i64x2.extmul_low_i32x4_s", Result: V128, Args: []Type{V128, V128}},
	I64x2ExtmulLowI32x4U - firstWasm:      {Name: "i64x2.extmul_low_i32x4_u", Result: V128, Args: []Type{V128, V128}},
	I64x2ExtmulHighI32x4S - firstWasm:     {Name: "i64x2.extmul_high_i32x4_s", Result: V128, Args: []Type{V128, V128}},
	I64x2ExtmulHighI32x4U - firstWasm:     {Name: "i64x2.extmul_high_i32x4_u", Result: V128, Args: []Type{V128, V128}},
	F32x4Abs - firstWasm:                  {Name: "f32x4.abs", Result: V128, Args: []Type{V128}},
	F32x4Neg - firstWasm:                  {Name: "f32x4.neg", Result: V128, Args: []Type{V128}},
	F32x4Sqrt - firstWasm:                 {Name: "f32x4.sqrt", Result: V128, Args: []Type{V128}},
	F32x4Ceil - firstWasm:                 {Name: "f32x4.ceil", Result: V128, Args: []Type{V128}},
	F32x4Floor - firstWasm:                {Name: "f32x4.floor", Result: V128, Args: []Type{V128}},
	F32x4Trunc - firstWasm:                {Name: "f32x4.trunc", Result: V128, Args: []Type{V128}},
	F32x4Nearest - firstWasm:              {Name: "f32x4.nearest", Result: V128, Args: []Type{V128}},
	F32x4Add - firstWasm:                  {Name: "f32x4.add", Result: V128, Args: []Type{V128, V128}},
	F32x4Sub - firstWasm:                  {Name: "f32x4.sub", Result: V128, Args: []Type{V128, V128}},
	F32x4Mul - firstWasm:                  {Name: "f32x4.mul", Result: V128, Args: []Type{V128, V128}},
	F32x4Div - firstWasm:                  {Name: "f32x4.div", Result: V128, Args: []Type{V128, V128}},
	F32x4Min - firstWasm:                  {Name: "f32x4.min", Result: V128, Args: []Type{V128, V128}},
	F32x4Max - firstWasm:                  {Name: "f32x4.max", Result: V128, Args: []Type{V128, V128}},
	F32x4Pmin - firstWasm:                 {Name: "f32x4.pmin", Result: V128, Args: []Type{V128, V128}},
	F32x4Pmax - firstWasm:                 {Name: "f32x4.pmax", Result: V128, Args: []Type{V128, V128}},
	F32x4Eq - firstWasm:                   {Name: "f32x4.eq", Result: V128, Args: []Type{V128, V128}},
	F32x4Ne - firstWasm:                   {Name: "f32x4.ne", Result: V128, Args: []Type{V128, V128}},
	F32x4Lt - firstWasm:                   {Name: "f32x4.lt", Result: V128, Args: []Type{V128, V128}},
	F32x4Gt - firstWasm:                   {Name: "f32x4.gt", Result: V128, Args: []Type{V128, V128}},
	F32x4Le - firstWasm:                   {Name: "f32x4.le", Result: V128, Args: []Type{V128, V128}},
	F32x4Ge - firstWasm:                   {Name: "f32x4.ge", Result: V128, Args: []Type{V128, V128}},
	F64x2Abs - firstWasm:                  {Name: "f64x2.abs", Result: V128, Args: []Type{V128}},
	F64x2Neg - firstWasm:                  {Name: "f64x2.neg", Result: V128, Args: []Type{V128}},
	F64x2Sqrt - firstWasm:                 {Name: "f64x2.sqrt", Result: V128, Args: []Type{V128}},
	F64x2Ceil - firstWasm:                 {Name: "f64x2.ceil", Result: V128, Args: []Type{V128}},
	F64x2Floor - firstWasm:                {Name: "f64x2.floor", Result: V128, Args: []Type{V128}},
	F64x2Trunc - firstWasm:                {Name: "f64x2.trunc", Result: V128, Args: []Type{V128}},
	F64x2Nearest - firstWasm:              {Name: "f64x2.nearest", Result: V128, Args: []Type{V128}},
	F64x2Add - firstWasm:                  {Name: "f64x2.add", Result: V128, Args: []Type{V128, V128}},
	F64x2Sub - firstWasm:                  {Name: "f64x2.sub", Result: V128, Args: []Type{V128, V128}},
	F64x2Mul - firstWasm:                  {Name: "f64x2.mul", Result: V128, Args: []Type{V128, V128}},
	F64x2Div - firstWasm:                  {Name: "f64x2.div", Result: V128, Args: []Type{V128, V128}},
	F64x2Min - firstWasm:                  {Name: "f64x2.min", Result: V128, Args: []Type{V128, V128}},
	F64x2Max - firstWasm:                  {Name: "f64x2.max", Result: V128, Args: []Type{V128, V128}},
	F64x2Pmin - firstWasm:                 {Name: "f64x2.pmin", Result: V128, Args: []Type{V128, V128}},
	F64x2Pmax - firstWasm:                 {Name: "f64x2.pmax", Result: V128, Args: []Type{V128, V128}},
	F64x2Eq - firstWasm:                   {Name: "f64x2.eq", Result: V128, Args: []Type{V128, V128}},
	F64x2Ne - firstWasm:                   {Name: "f64x2.ne", Result: V128, Args: []Type{V128, V128}},
	F64x2Lt - firstWasm:                   {Name: "f64x2.lt", Result: V128, Args: []Type{V128, V128}},
	F64x2Gt - firstWasm:                   {Name: "f64x2.gt", Result: V128, Args: []Type{V128, V128}},
	F64x2Le - firstWasm:                   {Name: "f64x2.le", Result: V128, Args: []Type{V128, V128}},
	F64x2Ge - firstWasm:                   {Name: "f64x2.ge", Result: V128, Args: []Type{V128, V128}},
	I32x4TruncSatF32x4S - firstWasm:       {Name: "i32x4.trunc_sat_f32x4_s", Result: V128, Args: []Type{V128}},
	I32x4TruncSatF32x4U - firstWasm:       {Name: "i32x4.trunc_sat_f32x4_u", Result: V128, Args: []Type{V128}},
	F32x4ConvertI32x4S - firstWasm:        {Name: "f32x4.convert_i32x4_s", Result: V128, Args: []Type{V128}},
	F32x4ConvertI32x4U - firstWasm:        {Name: "f32x4.convert_i32x4_u", Result: V128, Args: []Type{V128}},
	I32x4TruncSatF64x2SZero - firstWasm:   {Name: "i32x4.trunc_sat_f64x2_s_zero", Result: V128, Args: []Type{V128}},
	I32x4TruncSatF64x2UZero - firstWasm:   {Name: "i32x4.trunc_sat_f64x2_u_zero", Result: V128, Args: []Type{V128}},
	F64x2ConvertLowI32x4S - firstWasm:     {Name: "f64x2.convert_low_i32x4_s", Result: V128, Args: []Type{V128}},
	F64x2ConvertLowI32x4U - firstWasm:     {Name: "f64x2.convert_low_i32x4_u", Result: V128, Args: []Type{V128}},
	F32x4DemoteF64x2Zero - firstWasm:      {Name: "f32x4.demote_f64x2_zero", Result: V128, Args: []Type{V128}},
	F64x2PromoteLowF32x4 - firstWasm:      {Name: "f64x2.promote_low_f32x4", Result: V128, Args: []Type{V128}},
}
